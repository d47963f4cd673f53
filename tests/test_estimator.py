"""The estimators keep scikit-learn's contract, and find what is there."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from autoequivariant.estimator import AutoEquivariantClassifier, AutoEquivariantRegressor

FAILED: dict[str, str] = {}


@parametrize_with_checks(
    [
        AutoEquivariantClassifier(budget=2, epochs=30),
        AutoEquivariantRegressor(budget=2, epochs=30),
    ],
    expected_failed_checks=lambda estimator: FAILED,
)
def test_the_contract_of_scikit_learn(estimator, check) -> None:
    check(estimator)
