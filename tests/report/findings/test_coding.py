from autoequivariant.report.findings.coding import coding_sentence
from autoequivariant.searching.storage.coding import CodingRecord


def test_the_sentence_says_what_was_chosen_and_why() -> None:
    assert coding_sentence(None, "accuracy") == ""
    assert coding_sentence(CodingRecord.of(6, 0.4, 0.55), "accuracy") == (
        "6 columns of few whole numbers are one-hot, not numbers: validation accuracy of the "
        "baseline 55.0%, not 40.0%."
    )
    assert coding_sentence(CodingRecord.of(1, 0.4, 0.3), "R²") == (
        "1 column of few whole numbers is numbers, not one-hot: validation R² of the baseline "
        "0.400, not 0.300."
    )
