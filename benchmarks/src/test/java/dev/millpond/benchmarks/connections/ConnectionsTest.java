package dev.millpond.benchmarks.connections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ConnectionsTest {

    private static final long DELAY_SECONDS = 10;

    @Test
    void allAreHeldAtOnceAndAnswered() throws Exception {
        Row row = Connections.hold(101, 2, DELAY_SECONDS);
        assertThat(row.toString()).startsWith("| 101 | 2 | ").contains(" | 101, ");
        assertThat(row.answers().get(0)).startsWith("50 ");
        assertThat(row.answers().get(1)).startsWith("51 ");
        assertThat(row.held().heap()).isGreaterThan(row.before().heap());
        assertThat(row.after().peak()).isGreaterThanOrEqualTo(row.held().resident());
    }

    @Test
    void connectionsThatAreNotHeldAtOnceAreNoResult() {
        assertThatThrownBy(() -> Connections.hold(101, 1, 0)).isInstanceOf(IllegalStateException.class);
    }
}
