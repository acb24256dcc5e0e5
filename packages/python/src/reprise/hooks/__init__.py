"""
What Reprise's code does inside a training process that was not written for it: look, and never change a result.

Every hook fails open: what cannot be seen is a gap that is told, not an error of the training.
"""
