package dev.millpond.async;

import java.math.BigInteger;
import java.net.Socket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certification authority of the tests, and what it signs. */
final class Certificates {

    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final X500Name AUTHORITY = new X500Name("CN=Test Authority");

    private final KeyPair authorityKeys = keys();
    private final X509Certificate authority = sign(AUTHORITY, authorityKeys, true);

    /** A context for a server whose certificate names the given hosts and addresses. */
    SSLContext server(String... names) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers(names), null, null);
        return context;
    }

    private KeyManager[] keyManagers(String... names) throws Exception {
        KeyPair keys = keys();
        X509Certificate certificate = sign(new X500Name("CN=server"), keys, false, names);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null);
        store.setKeyEntry("server", keys.getPrivate(), new char[0], new Certificate[] {certificate, authority});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        return managers.getKeyManagers();
    }

    /** A context for a client that trusts this authority. */
    SSLContext client() throws Exception {
        return trusting(null);
    }

    /** As {@link #client()} or for a server, with a certificate of the given name. */
    SSLContext both(String name) throws Exception {
        return trusting(keyManagers(name));
    }

    private SSLContext trusting(KeyManager @Nullable [] keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null);
        store.setCertificateEntry("authority", authority);
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, managers.getTrustManagers(), null);
        return context;
    }

    /** TLS over an accepted socket, as its server. Closing the TLS socket leaves the one below alone. */
    static SSLSocket accepted(SSLContext context, Socket below, String... protocols) throws Exception {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(below, null, below.getPort(), false);
        socket.setUseClientMode(false);
        if (protocols.length > 0) {
            socket.setEnabledProtocols(protocols);
        }
        return socket;
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private X509Certificate sign(X500Name subject, KeyPair keys, boolean isAuthority, String... names) {
        Instant now = Instant.now();
        PrivateKey signer = authorityKeys.getPrivate();
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    AUTHORITY,
                    BigInteger.valueOf(SERIAL.getAndIncrement()),
                    Date.from(now.minus(1, ChronoUnit.DAYS)),
                    Date.from(now.plus(1, ChronoUnit.DAYS)),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
            if (names.length > 0) {
                GeneralName[] alternatives = Arrays.stream(names)
                        .map(name -> new GeneralName(
                                name.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName, name))
                        .toArray(GeneralName[]::new);
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }
}
