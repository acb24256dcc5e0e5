import reprise


def test_a_script_runs_alone_as_well():
    run = reprise.run()
    run.log(val_acc=0.9, step=1)
    run.log({"recall (TPR)": 0.9})
    run.log_text("a line")
    run.observe("torch.backends.cudnn.benchmark", True)
    assert not run
