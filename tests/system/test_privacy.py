"""No identity and no free text leaves intake, whatever is logged or sent."""

from pathlib import Path

from tests.system.product import Product, example

SECRETS = ("Mrs-Rossi-1979", "garden-and-grandchildren", "brand-name-as-typed")


def test_identity_and_free_text_are_in_no_event_log_or_other_database(product: Product) -> None:
    body = example("bm01_completed") | {"reference": SECRETS[0]}
    body["decisions"] = body.get("decisions", {}) | {"patient_goal": SECRETS[1]}
    body["pain_medications"] = [{"drug_class": "nsaid", "name_as_typed": SECRETS[2]}]

    assert product.submit(body, key="privacy").status == 200

    seen = {
        path.relative_to(product.data): secret
        for path in product.data.rglob("*")
        if path.is_file() and path.relative_to(product.data).parts[0] != "intake"
        for secret in SECRETS
        if secret.encode() in path.read_bytes()
    }
    assert seen == {}
    assert _kept(product.data / "intake"), "the test would not see a secret if there were one"


def _kept(folder: Path) -> bool:
    return any(SECRETS[0].encode() in p.read_bytes() for p in folder.rglob("*.db*") if p.is_file())
