"""The published language: frozen facts with an explicit wire name and version, and the mark of what is sealed.

One model serves both sides: it is built closed (an unknown field is a mistake of ours) and read open
(an unknown field is a newer writer's business).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_B64 = "[A-Za-z0-9_-]"
_JWE = re.compile(rf"{_B64}+\.{_B64}*\.{_B64}+\.{_B64}*\.{_B64}+")


class Model(BaseModel):
    """A value inside a fact: frozen, closed when written."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _written(value: object) -> object:
    """A number is no moment and no day, although it could be read as one."""
    if isinstance(value, int | float):
        raise ValueError("written out, not as a number")  # noqa: TRY004 - pydantic takes only this for a refusal
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment outside the years 1 to 9999") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A moment other than that of the act, which the commit carries. Kept in UTC whatever zone it was written in."""

Day = Annotated[date, BeforeValidator(_written)]
"""A calendar day, as a letter bears it."""


class Event(Model):
    """A fact. `class ComplaintFiled(Event, type="intake.ComplaintFiled")` names it on the wire for ever."""

    type: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, *, type: str, version: int = 1) -> None:  # noqa: A002 - CloudEvents' word
        super().__init_subclass__()
        cls.type, cls.version = type, version

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Take the class keywords that pydantic passes on as well; `__init_subclass__` has read them."""


class Subject:
    """Key class of what belongs to the complainant; destroyed when erasure is granted."""


class File:
    """Key class of what belongs to the office's file; destroyed when its retention ends."""


K = TypeVar("K", Subject, File)
T = TypeVar("T")


class Sealed(Generic[K, T]):
    """A `T` encrypted under the complaint's `K` key, as a compact JWE. Domain code copies it, never opens it."""

    __slots__ = ("jwe",)

    def __init__(self, jwe: str) -> None:
        self.jwe = jwe

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.jwe == other.jwe

    def __hash__(self) -> int:
        return hash(self.jwe)

    def __repr__(self) -> str:
        return "Sealed(...)"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda sealed: sealed.jwe),
            metadata={"sealed": get_args(source)},
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell a subscriber, who cannot look inside, which key seals the value and what model it holds."""
        key, content = schema["metadata"]["sealed"]
        held = "string" if content is str else content.__name__
        return {
            "type": "string",
            "pattern": f"^{_JWE.pattern}$",
            "contentEncoding": "jwe",
            "x-sealed": key.__name__.lower(),
            "x-content": held,
        }

    @classmethod
    def _read(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, str) and _JWE.fullmatch(value):
            return cls(value)
        # The value may be someone's story in the clear: the message must not repeat it.
        raise ValueError("a sealed field holds a compact JWE and nothing else")


class Unreadable(Exception):
    """A record's type is known but its version or its data cannot be read; waiting does not mend it."""


class UnknownType(Exception):
    """A type this release has never heard of."""


Upcast = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Language:
    """Every fact that may be met, by wire name. `upcasts[(type, n)]` turns data of version n into n + 1."""

    facts: Mapping[str, type[Event]]
    upcasts: Mapping[tuple[str, int], Upcast]

    @classmethod
    def of(cls, *unions: Any, upcasts: Mapping[tuple[str, int], Upcast] | None = None) -> Self:
        facts: Iterable[type[Event]] = (fact for union in unions for fact in (get_args(union) or (union,)))
        return cls({fact.type: fact for fact in facts}, upcasts or {})

    def decode(self, type_: str, version: int, data: bytes) -> Event:
        """Read `data`, the JSON of a `type_` written at `version`.

        Raises:
            UnknownType: no such fact in this release.
            Unreadable: the version has no way up to ours, or the data does not fit.
        """
        fact = self.facts.get(type_)
        if fact is None:
            raise UnknownType(type_)
        try:
            if version == fact.version:
                return fact.model_validate_json(data, extra="ignore")
            return fact.model_validate(self._lifted(fact, version, data), extra="ignore")
        except Exception as fault:  # whatever it is, the same bytes will bring it about again
            raise Unreadable(f"{type_} v{version}") from fault

    def _lifted(self, fact: type[Event], version: int, data: bytes) -> dict[str, Any]:
        from pydantic_core import from_json

        raw: dict[str, Any] = from_json(data)
        for n in range(version, fact.version):
            raw = self.upcasts[(fact.type, n)](raw)
        if version > fact.version:
            raise KeyError(version)
        return raw
