package dev.millpond.bridge.detect;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of an HTTP/1.1 response in a stream of bytes.
 *
 * <p>One detector serves one connection, response after response: {@link #expect} starts the next one. It keeps no
 * bytes, allocates nothing while examining, and is not thread-safe.
 *
 * <p>It is a strict gate: what it calls complete, HttpCore's parser accepts and consumes to exactly the same byte; what
 * can't be framed safely is refused. Line ends in heads and trailers may be bare line feeds (RFC 9112, section 2.2), in
 * chunk headers they may not. Fields other than the two that frame may be folded.
 */
public final class ResponseDetector {

    private static final int WINDOW = 32;

    private final Head head = new Head();
    private final StateMachine machine = new StateMachine(head);

    private RequestKind request = RequestKind.OTHER;
    private long received;
    private int consumed;

    /** Of a buffer, what is being examined; made for the first one, as most responses are examined in arrays. */
    private byte @Nullable [] window;

    /** For the response to a GET, until {@link #expect} says otherwise. */
    public ResponseDetector() {
        expect("GET");
    }

    /**
     * Starts over, for the response to a request with this method; {@code HEAD} and {@code CONNECT} change the framing.
     */
    public void expect(String method) {
        request = RequestKind.of(method);
        consumed = 0;
        machine.beginExchange();
        beginMessage();
    }

    private void beginMessage() {
        received = 0;
        head.begin(request);
        machine.beginMessage();
    }

    /**
     * Examines the next bytes of the stream.
     *
     * <p>After {@link Verdict#COMPLETE} for an interim response (1xx other than 101) the next call examines the message
     * that follows it. After any other {@code COMPLETE}, {@code MALFORMED} or {@code TRUNCATED} the next call must be
     * {@link #expect}.
     *
     * @throws IndexOutOfBoundsException if the range is not within {@code bytes}
     */
    public Verdict examine(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (machine.state() == State.INTERIM_COMPLETE) {
            beginMessage();
        }
        consumed = machine.run(bytes, offset, offset + length, received) - offset;
        received += consumed;
        return verdict();
    }

    /**
     * Examines the next bytes of the stream as {@link #examine(byte[], int, int)} does, without a look at the content
     * of the body, whatever memory it is in. The position moves past what belongs to the message.
     */
    public Verdict examine(ByteBuffer bytes) {
        int start = bytes.position();
        Verdict verdict = Verdict.NEED_MORE;
        while (verdict == Verdict.NEED_MORE && bytes.hasRemaining()) {
            int skipped = machine.skip(bytes.remaining(), received);
            received += skipped;
            bytes.position(bytes.position() + skipped);
            verdict = skipped > 0 ? verdict() : examineNext(bytes);
        }
        consumed = bytes.position() - start;
        return verdict;
    }

    /** A few of them, as it may be content again from then on. */
    private Verdict examineNext(ByteBuffer bytes) {
        byte[] next = window();
        int count = Math.min(next.length, bytes.remaining());
        bytes.get(bytes.position(), next, 0, count);
        Verdict verdict = examine(next, 0, count);
        bytes.position(bytes.position() + consumed);
        return verdict;
    }

    private byte[] window() {
        byte[] known = window;
        if (known == null) {
            known = new byte[WINDOW];
            window = known;
        }
        return known;
    }

    private Verdict verdict() {
        return switch (machine.state()) {
            case COMPLETE, INTERIM_COMPLETE -> Verdict.COMPLETE;
            case MALFORMED -> Verdict.MALFORMED;
            default -> Verdict.NEED_MORE;
        };
    }

    /**
     * The stream has ended: {@code COMPLETE} for a close-delimited response, {@code TRUNCATED} for any other that was
     * not complete.
     */
    public Verdict endOfStream() {
        consumed = 0;
        if (machine.state() == State.INTERIM_COMPLETE) {
            beginMessage();
        }
        return switch (machine.state()) {
            case COMPLETE, UNTIL_END_OF_STREAM -> Verdict.COMPLETE;
            case MALFORMED -> Verdict.MALFORMED;
            default -> Verdict.TRUNCATED;
        };
    }

    /**
     * Of the bytes of the last {@link #examine} call, how many belong to the message; the rest is left over if it is
     * complete.
     */
    public int consumed() {
        return consumed;
    }

    /**
     * Bytes of the current message so far, head included: when complete, its length on the wire; when malformed, the
     * offset of the byte that broke the rule.
     */
    public long received() {
        return received;
    }

    /**
     * Bytes of the whole message as announced by Content-Length, head included; -1 if it has no such framing, or not
     * yet.
     */
    public long announced() {
        return head.announced();
    }

    /** Whether the head has been seen whole, so that the methods below have their answers. */
    public boolean headComplete() {
        return head.complete;
    }

    /** Bytes of the head, up to and including its empty line. */
    public int headLength() {
        return head.length;
    }

    /** The status code, three digits of which the first is not 0. */
    public int statusCode() {
        return head.statusCode;
    }

    public Framing framing() {
        return head.framing();
    }

    /** Whether the message is an interim response: 1xx other than 101. */
    public boolean interim() {
        return head.interim();
    }

    /**
     * Whether the framing leaves the connection fit for another exchange: not close-delimited, no upgrade or tunnel,
     * not both Transfer-Encoding and Content-Length, no Transfer-Encoding in HTTP/1.0 (RFC 9112, sections 6.1 and 6.3).
     * Says nothing of the Connection field.
     */
    public boolean reusable() {
        return head.reusable();
    }

    /** After {@code MALFORMED}: the rule that was broken. */
    public Violation violation() {
        return machine.violation();
    }
}
