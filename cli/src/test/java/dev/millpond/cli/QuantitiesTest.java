package dev.millpond.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class QuantitiesTest {

    @ParameterizedTest
    @CsvSource({
        "500ms,500",
        "5s,5000",
        "1.5s,1500",
        "2m,120000",
        "1h,3600000",
        "PT5S,5000",
        "pt1m,60000",
        "' 3 s ',3000"
    })
    void durationsAreReadAsPeopleWriteThem(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "0s", "-5s", "5 days", "s", "1e3s"})
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1000,1000",
        "64k,64000",
        "64kB,64000",
        "64KiB,65536",
        "10MB,10000000",
        "10MiB,10485760",
        "1g,1000000000",
        "5b,5",
        "1TiB,1099511627776"
    })
    void sizesAreReadAsPeopleWriteThem(String text, long bytes) {
        assertThat(Size.parse(text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5M", "10 apples", "ib", "5i", "99999999999g"})
    void otherSizesAreRefused(String text) {
        assertThatThrownBy(() -> Size.parse(text)).isInstanceOf(TypeConversionException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "999,999 B", "1000,1.0 kB", "12345678,12.3 MB", "5000000000000,5.0 TB"})
    void sizesArePrintedWithAUnit(long bytes, String text) {
        assertThat(Size.text(bytes)).isEqualTo(text);
    }
}
