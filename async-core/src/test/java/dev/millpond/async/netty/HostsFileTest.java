package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("AddressSelection") // of literals
class HostsFileTest {

    @Test
    void theFirstNameOfAnAddressCounts() throws Exception {
        HostsFile file = new HostsFile(List.of(
                "# a comment",
                "",
                "192.0.2.1\tFirst.invalid  other.invalid # more",
                "192.0.2.1 second.invalid",
                "2001:db8::1 six.invalid",
                "192.0.2.2",
                "no.address invalid"));
        assertThat(file.name(InetAddress.getByName("192.0.2.1"))).isEqualTo("First.invalid");
        assertThat(file.name(InetAddress.getByName("2001:db8:0::1"))).isEqualTo("six.invalid");
        assertThat(file.name(InetAddress.getByName("192.0.2.2"))).isNull();
    }
}
