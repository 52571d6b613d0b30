package dev.millpond.async.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ChannelsTest {

    @Test
    void whatIsOpenedToLoadItsClassesIsClosedAgain() {
        SocketChannel channel = new NioSocketChannel();
        Channels.load(opening(() -> channel));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whereNoSocketIsLeftACoreCanBeBuilt() {
        Transport transport = opening(() -> {
            throw new ChannelException("too many open files");
        });
        assertThatCode(() -> Channels.load(transport)).doesNotThrowAnyException();
    }

    private static Transport opening(Supplier<SocketChannel> channels) {
        return (Transport) Proxy.newProxyInstance(
                ChannelsTest.class.getClassLoader(),
                new Class<?>[] {Transport.class},
                (self, method, arguments) -> channels.get());
    }
}
