from reprise import crash


def fail():
    raise ValueError("no such column")


def test_an_error_is_told_by_its_last_line_and_from_the_script_on():
    try:
        fail()
    except ValueError as error:
        assert crash.message(error) == "ValueError: no such column"
        lines = crash.last_lines(error, __file__)
    assert lines[0].startswith("Traceback")
    assert "test_crash.py" in lines[1]
    assert lines[-1] == "ValueError: no such column"


def test_lines_are_as_many_and_as_long_as_the_server_takes():
    def deep(n):
        if n == 0:
            raise ValueError("x" * 5_000)
        deep(n - 1)

    try:
        deep(200)
    except ValueError as error:
        lines = crash.last_lines(error)
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 1_000
