package dev.millpond.async.netty;

import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.unix.Errors;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** From what Netty and the operating system throw to the types that {@code java.net} would have thrown. */
final class Failures {

    private Failures() {}

    static SocketException closed() {
        return new SocketException("socket closed");
    }

    static SocketException reset(@Nullable Throwable cause) {
        return caused(new SocketException("connection reset by peer"), cause);
    }

    static IOException coreClosed() {
        return new SocketException("async core closed");
    }

    /** A failure to read or to write. */
    static IOException ofStream(Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof SSLException tls) {
            return ofTls(tls);
        }
        if (isReset(cause)) {
            return reset(cause);
        }
        if (cause instanceof ClosedChannelException) {
            return caused(closed(), cause);
        }
        if (cause instanceof IOException && lower(cause).contains("connection refused")) {
            // Of a connect that sent its first bytes before it was answered.
            return caused(new ConnectException("connection refused"), cause);
        }
        if (cause instanceof Errors.NativeIoException || cause.getClass() == IOException.class) {
            return caused(new SocketException(lower(cause)), cause);
        }
        return cause instanceof IOException io ? io : new IOException("connection failed: " + lower(cause), cause);
    }

    /** A failure of one attempt to connect; {@code target} says where. */
    static IOException ofConnect(Throwable thrown, String target) {
        Throwable cause = unwrapped(thrown);
        String text = lower(cause);
        if (cause instanceof NoRouteToHostException || text.contains("unreachable") || text.contains("no route")) {
            return caused(new NoRouteToHostException("no route to host: " + target), cause);
        }
        boolean refused = cause instanceof PortUnreachableException || text.contains("refused");
        if (cause instanceof ConnectException || refused) {
            String what = refused ? "connection refused" : "cannot connect";
            return caused(new ConnectException(what + ": " + target), cause);
        }
        if (isReset(cause)) {
            return caused(new ConnectException("connection reset: " + target), cause);
        }
        if (cause instanceof SocketTimeoutException) {
            return (IOException) cause;
        }
        return new IOException("cannot connect: " + target + ": " + text, cause);
    }

    /** A proxy that is there, but doesn't connect us to {@code target}. */
    static IOException ofProxy(Throwable thrown, String target) {
        return caused(new ConnectException("cannot connect: " + target + ": " + thrown.getMessage()), thrown);
    }

    /** A failure to find the addresses of a host. */
    static IOException ofLookUp(String host, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof IOException io ? io : unknownHost(host, lower(cause), cause);
    }

    static UnknownHostException unknownHost(String host, String why, @Nullable Throwable cause) {
        return caused(new UnknownHostException(host + ": " + why), cause);
    }

    /** As in "10s" or "1500ms". */
    static String brief(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }

    /** A failure to listen. */
    static IOException ofListen(Throwable thrown, String target) {
        Throwable cause = unwrapped(thrown);
        return caused(new BindException("cannot listen on " + target + ": " + lower(cause)), cause);
    }

    /** The peer dropped the connection without its end; so what it sent may not be all. */
    static boolean isReset(Throwable cause) {
        if (cause instanceof Errors.NativeIoException system) {
            return system.expectedErr() == Errors.ERRNO_ECONNRESET_NEGATIVE;
        }
        return cause instanceof IOException && lower(cause).contains("connection reset");
    }

    private static IOException ofTls(SSLException cause) {
        if (cause instanceof SslHandshakeTimeoutException) {
            return caused(new SocketTimeoutException("tls " + cause.getMessage()), cause);
        }
        if (cause instanceof NotSslRecordException) {
            return new SSLException("not a tls record");
        }
        boolean ofJdk = cause.getClass().getName().startsWith("javax.net.ssl.");
        return ofJdk ? cause : caused(new SSLHandshakeException(lower(cause)), cause);
    }

    /** The first I/O failure within what Netty threw; or the innermost of all. */
    static Throwable unwrapped(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null
                && (!(cause instanceof IOException) || cause instanceof ChannelOutputShutdownException)) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String lower(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message.toLowerCase(Locale.ROOT);
    }

    private static <T extends IOException> T caused(T failure, @Nullable Throwable cause) {
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }
}
