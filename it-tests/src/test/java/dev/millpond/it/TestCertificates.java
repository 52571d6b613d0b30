package dev.millpond.it;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for one test run. */
final class TestCertificates {

    private static final X500Name CA_NAME = new X500Name("CN=Millpond Test CA");
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KeyPair caKeys = newKeys();
    private final X509Certificate ca;

    TestCertificates() {
        ca = sign(caKeys, CA_NAME, null);
    }

    /** A client's context that trusts this authority and no other. */
    SSLContext clientContext() {
        return context(null);
    }

    /** As {@link #clientContext()}, with a certificate of its own. */
    SSLContext clientContext(String name) {
        return context(name);
    }

    /** A server's context with a certificate for {@code name}: a host name, or an address. It trusts our clients. */
    SSLContext serverContext(String name) {
        return context(name);
    }

    /** What {@link #clientContext()} trusts, for clients that want to know. */
    X509TrustManager trust() throws GeneralSecurityException {
        KeyStore trusted = emptyStore();
        trusted.setCertificateEntry("ca", ca);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return (X509TrustManager) trust.getTrustManagers()[0];
    }

    /** Puts "ca.crt", and "server.crt" with "server.key" for {@code name}, into a directory, as OpenSSL reads them. */
    void write(Path directory, String name) throws GeneralSecurityException, IOException {
        KeyPair keys = newKeys();
        X509Certificate certificate = sign(keys, new X500Name("CN=" + name), name);
        Files.writeString(directory.resolve("ca.crt"), pem("CERTIFICATE", ca.getEncoded()));
        Files.writeString(directory.resolve("server.crt"), pem("CERTIFICATE", certificate.getEncoded()));
        Files.writeString(
                directory.resolve("server.key"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    private static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder().encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    private SSLContext context(@org.jspecify.annotations.Nullable String name) {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry("ca", ca);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            KeyStore own = emptyStore();
            if (name != null) {
                KeyPair keys = newKeys();
                X509Certificate certificate = sign(keys, new X500Name("CN=" + name), name);
                own.setKeyEntry("own", keys.getPrivate(), PASSWORD, new X509Certificate[] {certificate, ca});
            }
            KeyManagerFactory manager = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            manager.init(own, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(manager.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private X509Certificate sign(KeyPair keys, X500Name subject, @org.jspecify.annotations.Nullable String name) {
        Instant now = Instant.now();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                CA_NAME,
                BigInteger.valueOf(System.nanoTime()),
                Date.from(now.minus(Duration.ofDays(1))),
                Date.from(now.plus(Duration.ofDays(1))),
                subject,
                keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(name == null));
            if (name != null) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(generalName(name)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(caKeys.getPrivate())));
        } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GeneralName generalName(String name) throws IOException {
        boolean address = Character.isDigit(name.charAt(0));
        return new GeneralName(
                address ? GeneralName.iPAddress : GeneralName.dNSName,
                address ? InetAddress.getByName(name).getHostAddress() : name);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
