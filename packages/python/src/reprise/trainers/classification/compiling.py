"""Whether this machine can compile a network."""

import os
import shutil
import sysconfig


def why_not():
    """Why `torch.compile` cannot be used here, as a clause; None where it can."""
    compilers = [os.environ.get("CXX"), "g++", "clang++"]
    if not any(name and shutil.which(name) for name in compilers):
        return "no C++ compiler (g++, clang++ or $CXX) is on the PATH"
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    return None if os.path.exists(header) else f"the headers of Python are missing ({header})"

