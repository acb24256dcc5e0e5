import pytest

torch = pytest.importorskip("torch")

import reprise


def test_scores_that_know_no_company_are_invariant():
    found = reprise.batch_invariance(lambda batch: batch * 2, torch.randn(100, 3))
    assert found["invariant"] and found["differences"][64] == {"cases": 0, "difference": 0.0, "decisions": 0}
    assert len(set(found["digests"].values())) == 1


def test_a_model_that_looks_at_its_batch_is_caught_with_its_cases_and_decisions():
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(3, track_running_stats=False), torch.nn.Linear(3, 2)).train()
    found = reprise.batch_invariance(model, torch.randn(64, 3), sizes=(64, 8))
    assert not found["invariant"] and found["differences"][8]["cases"] > 50
    assert found["differences"][8]["difference"] > 0.01
    assert model.training


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="cases"):
        reprise.batch_invariance(torch.nn.Identity(), torch.zeros(0, 3))
    with pytest.raises(ValueError, match="sizes: .*give batch sizes from 1 on"):
        reprise.batch_invariance(torch.nn.Identity(), torch.zeros(2, 3), sizes=(0,))
