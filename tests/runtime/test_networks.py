"""Each client has one spelling and one network, whoever names it and however."""

import pytest

from howmuch.runtime.networks import is_in, network_of, networks_of, parse_networks


@pytest.mark.parametrize(
    ("spelling", "networks"),
    [
        ("192.0.2.1", ("192.0.2.1",)),
        ("192.0.2.1:5000", ("192.0.2.1",)),
        ("ipv4:192.0.2.1:5000", ("192.0.2.1",)),
        ("::ffff:192.0.2.1", ("192.0.2.1",)),
        ("::FFFF:C000:0201", ("192.0.2.1",)),
        ("[::ffff:192.0.2.1]:5000", ("192.0.2.1",)),
        ("ipv6:%5B::ffff:192.0.2.1%5D:5000", ("192.0.2.1",)),
        ("2001:db8:1:2:3:4:5:6", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("[2001:DB8:1:2::1]:443", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("ipv6:[2001:db8:1:2::9]:5000", ("2001:db8:1:2::/64", "2001:db8:1::/48")),
        ("fe80::1%eth0", ("fe80::/64", "fe80::/48")),
        ("", ("local",)),
        ("unix:", ("local",)),
        ("unix:/run/howmuch.sock", ("local",)),
        ("_hidden", ("unknown",)),
        ("999.1.1.1", ("unknown",)),
        ("x" * 10_000, ("unknown",)),
    ],
)
def test_network_of_each_spelling(spelling: str, networks: tuple[str, ...]) -> None:
    """Ports, brackets, zones and mapped addresses make no other network."""
    assert networks_of(spelling) == networks
    assert network_of(spelling) == networks[0]


@pytest.mark.parametrize("network", ["10.0.0.0/8", "::ffff:10.0.0.0/104", "10.1.2.3"])
@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203"])
def test_mapped_address_is_in_the_networks_of_ipv4(network: str, address: str) -> None:
    """A proxy on a socket of both kinds is the same proxy."""
    assert is_in(address, parse_networks([network]))
    assert not is_in("192.0.2.1", parse_networks([network]))
    assert not is_in("2001:db8::1", parse_networks([network]))
