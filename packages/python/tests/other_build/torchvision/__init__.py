"""
torchvision itself, where its compiled part is of another build than PyTorch is: package registries have it for CUDA only. What needs
no compiled operator, as transforms, is then as it always is; it could not be imported without the two declared here.
"""

import os
import sys

import torch

_above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_places = (os.path.join(folder, "torchvision") for folder in sys.path if os.path.abspath(folder) != _above)
__path__ = [next(place for place in _places if os.path.isfile(os.path.join(place, "__init__.py")))]
try:
    torch.ops.load_library(os.path.join(__path__[0], "_C.so"))
except OSError:
    _declared = torch.library.Library("torchvision", "DEF")
    for _name in ("nms", "qnms"):
        _declared.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
__file__ = os.path.join(__path__[0], "__init__.py")
with open(__file__, encoding="utf-8") as _file:
    exec(compile(_file.read(), __file__, "exec"))
