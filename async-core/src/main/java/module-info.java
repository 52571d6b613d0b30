/** Asynchronous sockets for Java: what cl-async is for Common Lisp. Netty is inside, and not in the API. */
module dev.millpond.async {
    requires static org.jspecify;
    requires jdk.net;
    requires org.slf4j;
    requires io.netty.buffer;
    requires io.netty.codec.dns;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.handler.proxy;
    requires io.netty.resolver;
    requires io.netty.resolver.dns;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;

    exports dev.millpond.async;

    uses dev.millpond.async.AsyncCoreProvider;

    provides dev.millpond.async.AsyncCoreProvider with
            dev.millpond.async.netty.NettyCoreProvider;
}
