"""A program that fails in the middle of its work."""


def read(row):
    return {"image": row}["label"]


read("first.png")
