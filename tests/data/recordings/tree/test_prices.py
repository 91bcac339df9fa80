from prices import net


def test_net():
    assert net(119) == 100


def test_negative():
    net(-1)


class TestMore:
    def test_zero(self):
        assert net(0) == 0
