"""The parts of the trainer around OpenCLIP's own program; `reprise/openclip.py` puts them together."""
