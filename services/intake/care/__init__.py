"""The record of care: what contacts, blocks, treatments and answers amount to, derived once."""

from intake.care.answers import ages
from intake.care.record import RecordOfCare, record_of_care
from intake.care.recorded import Recorded

__all__ = ["RecordOfCare", "Recorded", "ages", "record_of_care"]
