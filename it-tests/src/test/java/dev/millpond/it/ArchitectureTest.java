package dev.millpond.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of the house: what each module may use. */
class ArchitectureTest {

    private static final String ASYNC = "dev.millpond.async";
    private static final String DETECT = "dev.millpond.bridge.detect";
    private static final String BRIDGE = "dev.millpond.bridge";
    private static final String HTTP = "dev.millpond.http..";
    private static final String NETTY = "io.netty..";
    private static final String APACHE = "org.apache.hc..";

    private static final JavaClasses MILLPOND = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.millpond");

    private static final ArchRule NETTY_STAYS_INSIDE = noClasses()
            .that()
            .resideOutsideOfPackage(ASYNC + ".netty")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(NETTY);

    private static final ArchRule ASYNC_KNOWS_NO_HTTP = noClasses()
            .that()
            .resideInAPackage(ASYNC + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(APACHE, BRIDGE + "..", HTTP);

    private static final ArchRule DETECT_IS_PURE = noClasses()
            .that()
            .resideInAPackage(DETECT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..", "java.net..", "java.nio.channels..", "java.util.concurrent..", "java.time..")
            .orShould()
            .dependOnClassesThat()
            .resideOutsideOfPackages(DETECT, "java..", "org.jspecify..");

    private static final ArchRule BRIDGE_USES_ASYNC_AND_DETECT = noClasses()
            .that()
            .resideInAPackage(BRIDGE)
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(BRIDGE, DETECT, ASYNC, "java..", "javax.net..", "org.jspecify..");

    private static final ArchRule NOTHING_POINTS_BACK = noClasses()
            .that()
            .resideInAPackage(HTTP)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.millpond.cli..", ASYNC + ".netty..");

    private static final ArchRule NO_CYCLES =
            slices().matching("dev.millpond.(**)").should().beFreeOfCycles();

    private static final ArchRule NO_UTILITIES = classes()
            .that()
            .resideInAPackage("dev.millpond..")
            .should()
            .haveSimpleNameNotEndingWith("Util")
            .andShould()
            .haveSimpleNameNotEndingWith("Utils")
            .andShould()
            .haveSimpleNameNotEndingWith("Helper")
            .andShould()
            .resideOutsideOfPackage("..util..");

    private static final JavaClasses PLANTED = new ClassFileImporter()
            .withImportOption(location -> location.contains("/Planted"))
            .importPackages("dev.millpond");

    static List<ArchRule> rules() {
        return List.of(
                NETTY_STAYS_INSIDE,
                ASYNC_KNOWS_NO_HTTP,
                DETECT_IS_PURE,
                BRIDGE_USES_ASYNC_AND_DETECT,
                NOTHING_POINTS_BACK,
                NO_CYCLES,
                NO_UTILITIES);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theHouseKeepsTheRule(ArchRule rule) {
        rule.check(MILLPOND);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theRuleFindsAPlantedViolation(ArchRule rule) {
        assertThat(rule.evaluate(PLANTED).hasViolation()).isTrue();
    }

    @Test
    void allModulesAreLookedAt() {
        assertThat(MILLPOND.contain("dev.millpond.async.AsyncCore")).isTrue();
        assertThat(MILLPOND.contain("dev.millpond.bridge.detect.ResponseDetector"))
                .isTrue();
        assertThat(MILLPOND.contain("dev.millpond.http.Millpond")).isTrue();
    }
}
