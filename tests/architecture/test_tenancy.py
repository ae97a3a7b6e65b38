"""Every index of rows begins with the office, as every question of a person does."""

import pytest

from deploy.rebuild import definitions
from services.kernel.projection import Projection

# What a service asks for itself, of all offices at once.
ERRANDS = {("derived.next_due_at",)}
PROJECTIONS = [projection for definition in definitions() for projection in definition.projections]


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
def test_an_index_begins_with_the_office(projection: Projection) -> None:
    assert projection.indexes
    assert {index[0] for index in set(projection.indexes) - ERRANDS} == {"opd"}
