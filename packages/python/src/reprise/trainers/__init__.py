"""Training programs that are ready to use: each speaks the trainer protocol and runs as `python -m reprise.trainers.NAME`."""
