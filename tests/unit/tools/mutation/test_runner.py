"""The list of modules that carry promises, and of what may survive in them."""

from tools.mutation.operators import mutants
from tools.mutation.runner import ROOT, accepted, targets


def test_every_target_and_every_test_of_it_is_there():
    paths = [ROOT / "services" / target.module for target in targets()]
    paths += [ROOT / test for target in targets() for test in target.tests]
    assert [str(path) for path in paths if not path.exists()] == []


def test_every_accepted_survivor_is_still_a_mutant_and_has_a_reason():
    modules = {target.module for target in targets()}
    for module, entries in accepted().items():
        assert module in modules
        known = {str(mutant) for mutant in mutants((ROOT / "services" / module).read_text())}
        assert set(entries) <= known
        assert all(len(reason.split()) > 3 for reason in entries.values())
