"""A judged case together with what is needed to put it into words."""

import dataclasses

from diagnosis.judge.evaluated import Evaluated, evaluate
from diagnosis.judge.preparing import Facts
from diagnosis.judge.ruleset import TRUE, RulesInForce
from rules import Evaluation
from rules.language.sentences import Sentences


@dataclasses.dataclass(frozen=True)
class Case:
    """What a document is written from.

    Attributes:
        rules: The rules in force on its date.
        recorded: The facts before they were prepared.
        evaluated: The judged case.
        sentences: The fixed wording.
    """

    rules: RulesInForce
    recorded: Facts
    evaluated: Evaluated
    sentences: Sentences

    @classmethod
    def of(cls, facts: Facts, rules: RulesInForce, sentences: Sentences) -> "Case":
        """Judge facts again by the rules of their day."""
        return cls(rules, facts, evaluate(facts, rules), sentences)

    @property
    def evaluation(self) -> Evaluation:
        """The verdicts."""
        return self.evaluated.evaluation

    @property
    def facts(self) -> Facts:
        """The facts as they were judged."""
        return self.evaluated.evaluation.facts

    def is_true(self, name: str, nodule: int | None = None) -> bool:
        """Tell whether a rule or definition is certainly true of the case, or of one nodule."""
        return self.rules.code(self.evaluation, name, nodule) == TRUE

    def text(self, key: str, **values: object) -> str:
        """Return a sentence with its places filled."""
        return self.sentences.text(key, **values)
