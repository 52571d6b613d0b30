package dev.millpond.async.netty;

import dev.millpond.async.SocksProxy;
import io.netty.channel.Channel;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.concurrent.Future;

/** SOCKS 5 (RFC 1928), with Netty's handler in the pipeline. */
final class Socks {

    private Socks() {}

    /** To be called before {@code channel} is connected, which then means to the proxy. */
    static void through(SocksProxy proxy, Channel channel) {
        Socks5ProxyHandler handler = new Socks5ProxyHandler(proxy.address(), proxy.username(), proxy.password());
        handler.setConnectTimeoutMillis(0); // the connector has its own
        channel.pipeline().addLast(handler);
    }

    /** Done when the proxy has connected to the target, or failed to. */
    static Future<Channel> answer(Channel channel) {
        return channel.pipeline().get(Socks5ProxyHandler.class).connectFuture();
    }
}
