package dev.millpond.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Answers the requests of one connection: {@code /small}, {@code /bytes/N}, {@code /delay/MILLIS}, {@code /echo}. It
 * reads no more of a request than it needs, and trusts it: it is there to be fast.
 */
final class RequestHandler extends ByteToMessageDecoder {

    private static final String LENGTH = "content-length:";

    private final Responses responses;

    RequestHandler(Responses responses) {
        this.responses = responses;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        int start = in.readerIndex();
        int end = headEnd(in);
        if (end < 0) {
            return;
        }
        int method = in.indexOf(start, end, (byte) ' ');
        int target = in.indexOf(method + 1, end, (byte) ' ');
        String path = in.toString(method + 1, target - method - 1, US_ASCII);
        if (in.getByte(start) == 'G') {
            in.readerIndex(end);
            get(context, path);
        } else if (path.equals(Responses.ECHO)) {
            echo(context, in, end);
        } else {
            in.readerIndex(in.writerIndex());
            context.write(Responses.error("404 Not Found")).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Index after the empty line, or -1. */
    private static int headEnd(ByteBuf in) {
        int lineStart = in.readerIndex();
        for (int lf = in.indexOf(lineStart, in.writerIndex(), (byte) '\n');
                lf >= 0;
                lf = in.indexOf(lineStart, in.writerIndex(), (byte) '\n')) {
            if (lf - lineStart <= 1) {
                return lf + 1;
            }
            lineStart = lf + 1;
        }
        return -1;
    }

    private void get(ChannelHandlerContext context, String path) {
        if (path.equals(Responses.SMALL)) {
            context.write(responses.ok(Responses.SMALL_LENGTH), context.voidPromise());
        } else if (path.startsWith(Responses.BYTES)) {
            int length = Integer.parseInt(path.substring(Responses.BYTES.length()));
            context.write(responses.ok(length), context.voidPromise());
        } else if (path.startsWith(Responses.DELAY)) {
            long millis = Long.parseLong(path.substring(Responses.DELAY.length()));
            context.executor()
                    .schedule(
                            () -> context.writeAndFlush(responses.ok(Responses.SMALL_LENGTH), context.voidPromise()),
                            millis,
                            TimeUnit.MILLISECONDS);
        } else {
            context.write(Responses.error("404 Not Found"), context.voidPromise());
        }
    }

    private static void echo(ChannelHandlerContext context, ByteBuf in, int bodyStart) {
        String head = in.toString(in.readerIndex(), bodyStart - in.readerIndex(), US_ASCII)
                .toLowerCase(Locale.ROOT);
        int field = head.indexOf(LENGTH);
        if (field < 0) {
            in.readerIndex(in.writerIndex());
            context.write(Responses.error("411 Length Required")).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        int value = field + LENGTH.length();
        int length = Integer.parseInt(
                head.substring(value, head.indexOf('\r', value)).trim());
        if (in.writerIndex() - bodyStart < length) {
            return;
        }
        in.readerIndex(bodyStart);
        context.write(Unpooled.copiedBuffer(Responses.head(length), US_ASCII), context.voidPromise());
        context.write(in.readRetainedSlice(length), context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        context.flush();
        super.channelReadComplete(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
