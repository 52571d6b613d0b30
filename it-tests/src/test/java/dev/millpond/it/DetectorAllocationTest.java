package dev.millpond.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millpond.bridge.detect.ResponseDetector;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class DetectorAllocationTest {

    private static final int EXCHANGES = 1000;

    @Test
    void examiningAllocatesNothing() {
        byte[] response =
                "HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nA: b\r\n\r\n"
                        .getBytes(ISO_8859_1);
        ResponseDetector detector = new ResponseDetector();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < EXCHANGES; i++) {
                detector.expect("GET");
                detector.examine(response, 0, response.length);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        // The measurement itself may cost a little, but not per exchange.
        assertThat(least).isLessThan(EXCHANGES);
    }
}
