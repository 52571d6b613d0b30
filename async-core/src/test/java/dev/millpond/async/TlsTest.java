package dev.millpond.async;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TlsTest extends AsyncCoreTestBase {

    private static final Certificates AUTHORITY = new Certificates();

    static List<List<String>> transportsAndProtocols() {
        return List.of(
                List.of("epoll", "TLSv1.3"),
                List.of("epoll", "TLSv1.2"),
                List.of("nio", "TLSv1.3"),
                List.of("nio", "TLSv1.2"));
    }

    private static TlsOptions tls(String host) throws Exception {
        return TlsOptions.client(AUTHORITY.client(), host, 443);
    }

    private static <T> FutureTask<T> background(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "peer");
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** A secured connection and the peer's TLS socket. */
    private record Secured(AsyncSocket socket, Recorder recorder, SSLSocket peer, Socket below, SSLSession session) {}

    private Secured secured(String transport, String... protocols) throws Exception {
        Pair pair = connected(core(transport));
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), pair.peer(), protocols);
        FutureTask<Void> handshake = background(() -> {
            peer.startHandshake();
            return null;
        });
        SSLSession session = get(pair.socket().startTls(tls("good.invalid")));
        handshake.get();
        assertThat(session.isValid()).isTrue();
        assertThat(pair.socket().tlsSession()).isSameAs(session);
        return new Secured(pair.socket(), pair.recorder(), peer, pair.peer(), session);
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void bytesAreSecured(List<String> how) throws Exception {
        Secured secured = secured(how.get(0), how.get(1));
        assertThat(secured.session().getProtocol()).isEqualTo(how.get(1));
        secured.socket().write(bytes("question"));
        assertThat(read(secured.peer(), 8)).isEqualTo("question");
        secured.socket().resume();
        send(secured.peer(), "answer");
        secured.recorder().awaitText("answer");
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void closeNotifyIsTheEnd(List<String> how) throws Exception {
        Secured secured = secured(how.get(0), how.get(1));
        secured.socket().resume();
        send(secured.peer(), "all");
        secured.peer().close();
        secured.recorder().awaitEnd();
        secured.below().close();
        secured.socket().close();
        get(secured.socket().closed());
        assertThat(secured.recorder().events()).containsExactly("bytes", "end");
    }

    /** Its socket is paused, and then forgotten: {@link LeakCheck} sees to it that its bytes are not. */
    @ParameterizedTest
    @MethodSource("transports")
    void whatArrivedBeforeATruncationAndIsNeverReadIsNotLeaked(String transport) throws Exception {
        for (int i = 0; i < 20; i++) {
            Secured secured = secured(transport);
            secured.socket().resume();
            secured.socket().pause();
            send(secured.peer(), "never read");
            secured.below().close();
        }
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void anEndWithoutCloseNotifyIsATruncation(List<String> how) throws Exception {
        Secured secured = secured(how.get(0), how.get(1));
        secured.socket().resume();
        send(secured.peer(), "half");
        secured.below().shutdownOutput();
        assertThat(secured.recorder().awaitFailure())
                .isInstanceOf(TlsTruncationException.class)
                .hasMessage("connection closed without close_notify");
        assertThat(secured.recorder().text()).isEqualTo("half");
        assertThat(secured.socket().isOpen()).isFalse();
        get(secured.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void aGracefulCloseSendsCloseNotify(List<String> how) throws Exception {
        Secured secured = secured(how.get(0), how.get(1));
        secured.socket().write(bytes("last words"));
        secured.socket().close();
        // An SSLSocket reports an end without close_notify as an exception.
        assertThat(readAll(secured.peer())).isEqualTo("last words");
        assertThat(secured.below().getInputStream().read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void afterItsOwnEndReadingGoesOnOverTls(String transport) throws Exception {
        Secured secured = secured(transport, "TLSv1.3");
        secured.socket().resume();
        secured.socket().write(bytes("question"));
        get(secured.socket().shutdownOutput());
        assertThat(readAll(secured.peer())).isEqualTo("question");
        send(secured.peer(), "answer");
        secured.recorder().awaitText("answer");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aBadRecordIsAFailure(String transport) throws Exception {
        Secured secured = secured(transport);
        secured.socket().resume();
        send(secured.below(), "HTTP/1.1 400 Bad Request\r\n\r\n");
        assertThat(secured.recorder().awaitFailure())
                .isExactlyInstanceOf(SSLException.class)
                .hasMessage("not a tls record");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aWrongHostNameIsRefused(String transport) throws Exception {
        Pair pair = connected(core(transport));
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), pair.peer());
        background(() -> peer.getInputStream().read());
        assertThat(failureOf(pair.socket().startTls(tls("bad.invalid"))))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("bad.invalid");
        get(pair.socket().closed());
        assertThat(pair.socket().isOpen()).isFalse();
        assertThat(pair.recorder().awaitFailure()).isInstanceOf(SSLHandshakeException.class);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aCertificateOfAStrangerIsRefused(String transport) throws Exception {
        Pair pair = connected(core(transport));
        SSLSocket peer = Certificates.accepted(new Certificates().server("good.invalid"), pair.peer());
        background(() -> peer.getInputStream().read());
        assertThat(failureOf(pair.socket().startTls(tls("good.invalid"))))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("PKIX");
    }

    @ParameterizedTest
    @CsvSource({
        "good.invalid,   good.invalid",
        "good.invalid.,  good.invalid",
        "localhost,      localhost",
        "b\u00fccher.invalid, xn--bcher-kva.invalid",
        "127.0.0.1,      ''",
        "::1,            ''",
        "[::1],          ''",
    })
    void namesAreSentAndVerifiedAndAddressesVerifiedOnly(String host, String sent) throws Exception {
        Pair pair = connected(core("nio"));
        SSLSocket peer = Certificates.accepted(
                AUTHORITY.server("good.invalid", "localhost", "xn--bcher-kva.invalid", "127.0.0.1", "::1"),
                pair.peer());
        FutureTask<List<SNIServerName>> handshake = background(() -> {
            peer.startHandshake();
            return ((ExtendedSSLSession) peer.getSession()).getRequestedServerNames();
        });
        get(pair.socket().startTls(tls(host)));
        assertThat(handshake.get()).isEqualTo(sent.isEmpty() ? List.of() : List.of(new SNIHostName(latin(sent))));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aSlowHandshakeTimesOut(String transport) throws Exception {
        Pair pair = connected(core(transport));
        assertThat(failureOf(pair.socket().startTls(tls("good.invalid").handshakeTimeout(Duration.ofMillis(200)))))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("tls handshake timed out after 200ms");
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void anEndDuringTheHandshakeFailsItAtOnce(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<SSLSession> handshake = pair.socket().startTls(tls("good.invalid"));
        new DataInputStream(pair.peer().getInputStream()).readFully(new byte[5]);
        pair.peer().shutdownOutput();
        assertThat(failureOf(handshake))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessage("connection closed by peer during the tls handshake");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aResetDuringTheHandshakeFailsItAtOnce(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<SSLSession> handshake = pair.socket().startTls(tls("good.invalid"));
        new DataInputStream(pair.peer().getInputStream()).readFully(new byte[5]);
        reset(pair.peer());
        assertThat(failureOf(handshake)).isInstanceOf(SocketException.class).hasMessage("connection reset by peer");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aResetBetweenRecordsIsAFailure(String transport) throws Exception {
        Secured secured = secured(transport);
        secured.socket().resume();
        send(secured.peer(), "some");
        secured.recorder().awaitText("some");
        reset(secured.below());
        assertThat(secured.recorder().awaitFailure())
                .isExactlyInstanceOf(SocketException.class)
                .hasMessage("connection reset by peer");
    }

    /** One byte of TLS at a time, from the handshake on. */
    @ParameterizedTest
    @MethodSource("transports")
    void aPeerThatWritesByteByByteIsUnderstood(String transport) throws Exception {
        ServerSocket between = peer();
        AsyncSocket socket = get(core(transport).connect(to(between)));
        Recorder recorder = new Recorder();
        socket.listener(recorder);
        Socket near = accept(between);
        ServerSocket server = peer();
        Socket far = patient(new Socket(LOOPBACK, server.getLocalPort()));
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), accept(server));
        background(() -> near.getInputStream().transferTo(far.getOutputStream()));
        background(() -> {
            near.setTcpNoDelay(true);
            for (int next = far.getInputStream().read();
                    next >= 0;
                    next = far.getInputStream().read()) {
                near.getOutputStream().write(next);
            }
            near.shutdownOutput();
            return null;
        });
        background(() -> {
            send(peer, "drop by drop");
            peer.close();
            return null;
        });
        // With more than its time: each byte is a turn of the loop.
        get(socket.startTls(tls("good.invalid").handshakeTimeout(Duration.ofMinutes(1))));
        socket.resume();
        recorder.awaitEnd();
        assertThat(recorder.text()).isEqualTo("drop by drop");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aPlainTextAnswerFailsTheHandshake(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<SSLSession> handshake = pair.socket().startTls(tls("good.invalid"));
        send(pair.peer(), "HTTP/1.1 400 Bad Request\r\n\r\n");
        assertThat(failureOf(handshake)).isInstanceOf(SSLException.class).hasMessage("not a tls record");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void abortDuringTheHandshakeFailsItAtOnce(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<SSLSession> handshake = pair.socket().startTls(tls("good.invalid"));
        pair.socket().abort();
        assertThat(failureOf(handshake)).isInstanceOf(SocketException.class).hasMessage("socket closed");
        assertThat(pair.recorder().events()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void closeDuringTheHandshakeFailsItAtOnce(String transport) throws Exception {
        Pair pair = connected(core(transport));
        CompletableFuture<SSLSession> handshake = pair.socket().startTls(tls("good.invalid"));
        pair.socket().close();
        assertThat(failureOf(handshake)).isInstanceOf(SocketException.class).hasMessage("socket closed");
        get(pair.socket().closed());
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void nothingIsHeardBeforeResumeAndNothingIsLost(List<String> how) throws Exception {
        Pair pair = connected(core(how.get(0)));
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), pair.peer(), how.get(1));
        FutureTask<Void> talk = background(() -> {
            peer.startHandshake();
            send(peer, "early");
            // Not a close, which might wait for an answer, as long as its socket's timeout.
            peer.shutdownOutput();
            pair.peer().shutdownOutput();
            return null;
        });
        get(pair.socket().startTls(tls("good.invalid")));
        talk.get();
        // The loop has had its turn, and more than one.
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            pair.socket().delay(Duration.ofMillis(20), () -> turn.complete(null));
            get(turn);
        }
        assertThat(pair.recorder().events()).isEmpty();
        pair.socket().resume();
        pair.recorder().awaitEnd();
        assertThat(pair.recorder().text()).isEqualTo("early");
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void largeTransfersArriveWhole(List<String> how) throws Exception {
        Secured secured = secured(how.get(0), how.get(1));
        byte[] much = new byte[5_000_000];
        new Random(7).nextBytes(much);
        FutureTask<byte[]> echo = background(() -> {
            byte[] got = secured.peer().getInputStream().readNBytes(much.length);
            OutputStream out = secured.peer().getOutputStream();
            out.write(got);
            secured.peer().close();
            return got;
        });
        secured.socket().write(ByteBuffer.wrap(much));
        secured.socket().resume();
        assertThat(echo.get()).isEqualTo(much);
        secured.recorder().awaitEnd();
        assertThat(secured.recorder().received()).isEqualTo(much);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void pausedTlsHoldsBackAndResumesWhereItStopped(String transport) throws Exception {
        Recorder recorder = new Recorder();
        Pair pair = connected(core(transport), recorder);
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), pair.peer());
        byte[] much = new byte[1_000_000];
        new Random(8).nextBytes(much);
        background(() -> {
            peer.getOutputStream().write(much);
            peer.close();
            return null;
        });
        get(pair.socket().startTls(tls("good.invalid")));
        int heard = 0;
        while (heard < much.length) {
            pair.socket().resume();
            heard = recorder.awaitMoreThan(heard);
            pair.socket().pause();
        }
        pair.socket().resume();
        recorder.awaitEnd();
        assertThat(recorder.received()).isEqualTo(much);
    }

    @ParameterizedTest
    @MethodSource("transportsAndProtocols")
    void theServerSideIsSecuredToo(List<String> how) throws Exception {
        AsyncCore core = core(how.get(0));
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), accepted::add));
        SSLSocket client =
                closing((SSLSocket) AUTHORITY.client().getSocketFactory().createSocket(LOOPBACK, server.port()));
        client.setEnabledProtocols(new String[] {how.get(1)});
        // All in one go: the end may not overtake the bytes.
        FutureTask<String> talk = background(() -> {
            send(client, "hello");
            return read(client, 5);
        });
        AsyncSocket socket = accepted.next();
        Recorder recorder = new Recorder();
        socket.listener(recorder);
        get(socket.startTls(TlsOptions.server(AUTHORITY.server("localhost"))));
        socket.resume();
        recorder.awaitText("hello");
        socket.write(bytes("olleh"));
        assertThat(talk.get()).isEqualTo("olleh");
        client.close();
        recorder.awaitEnd();
        socket.close();
        get(socket.closed());
    }

    @Test
    void aSecondStartTlsDuringTheFirstIsAMistake() throws Exception {
        Pair pair = connected(core("nio"));
        CompletableFuture<SSLSession> first = pair.socket().startTls(tls("good.invalid"));
        assertThat(failureOf(pair.socket().startTls(tls("good.invalid"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("already being secured");
        assertThat(pair.socket().isOpen()).isTrue();
        assertThat(first).isNotDone();
    }

    /** As to a server through a proxy that is itself spoken to in TLS. */
    @ParameterizedTest
    @MethodSource("transports")
    void tlsWithinTls(String transport) throws Exception {
        Secured outer = secured(transport);
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("inner.invalid"), outer.peer());
        FutureTask<String> talk = background(() -> {
            String question = read(peer, 8);
            send(peer, "answer");
            return question;
        });
        SSLSession session = get(outer.socket().startTls(tls("inner.invalid")));
        assertThat(session).isNotSameAs(outer.session());
        outer.socket().write(bytes("question"));
        outer.socket().resume();
        assertThat(talk.get()).isEqualTo("question");
        outer.recorder().awaitText("answer");
        peer.close();
        outer.recorder().awaitEnd();
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theEngineCanBeCustomized(String transport) throws Exception {
        Pair pair = connected(core(transport));
        SSLSocket peer = Certificates.accepted(AUTHORITY.server("good.invalid"), pair.peer());
        FutureTask<Void> handshake = background(() -> {
            peer.startHandshake();
            return null;
        });
        SSLSession session = get(pair.socket()
                .startTls(tls("good.invalid")
                        .engineCustomizer(engine -> engine.setEnabledProtocols(new String[] {"TLSv1.2"}))));
        handshake.get();
        assertThat(session.getProtocol()).isEqualTo("TLSv1.2");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void aCustomizerThatThrowsFailsTheHandshake(String transport) throws Exception {
        Pair pair = connected(core(transport));
        TlsOptions options = tls("good.invalid").engineCustomizer(engine -> {
            throw new IllegalArgumentException("no such cipher");
        });
        assertThat(failureOf(pair.socket().startTls(options)))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessage("cannot start tls: no such cipher");
        get(pair.socket().closed());
    }

    /** {@link LeakCheck} sees to it that what is left of them is released. */
    @ParameterizedTest
    @MethodSource("transports")
    void bytesHeldWhilePausedThatAreNoTlsFailTheHandshake(String transport) throws Exception {
        for (int i = 0; i < 20; i++) {
            Pair pair = connected(core(transport));
            send(pair.peer(), "no tls ".repeat(5_000));
            pair.peer().shutdownOutput();
            pause(pair.socket(), Duration.ofMillis(5));
            assertThat(failureOf(pair.socket().startTls(tls("good.invalid"))))
                    .isInstanceOf(SSLException.class)
                    .hasMessage("not a tls record");
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void bytesHeldWhilePausedAreDecrypted(String transport) throws Exception {
        // A client that speaks first, and ends, while the accepted socket is still paused.
        AsyncCore core = core(transport);
        ServerSocket unused = peer();
        assertThat(unused.isBound()).isTrue();
        Accepted accepted = new Accepted();
        AsyncServer server = get(core.listen(new InetSocketAddress(LOOPBACK, 0), accepted::add));
        Socket client = patient(new Socket(LOOPBACK, server.port()));
        AsyncSocket socket = accepted.next();
        socket.listener(new Recorder());
        send(client, "\u0016\u0003\u0001");
        client.shutdownOutput();
        CompletableFuture<Void> turn = new CompletableFuture<>();
        socket.delay(Duration.ofMillis(50), () -> turn.complete(null));
        get(turn);
        assertThat(failureOf(socket.startTls(TlsOptions.server(AUTHORITY.server("localhost")))))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessage("connection closed by peer during the tls handshake");
    }
}
