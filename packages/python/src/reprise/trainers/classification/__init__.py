"""
Classification with PyTorch: published networks on CIFAR-10, SDNET2018, CBIS-DDSM, folders of images and the bundled sets.

`python -m reprise.trainers.classification` speaks the trainer protocol. It needs PyTorch, and Pillow for picture files.
"""
