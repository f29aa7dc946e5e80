import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** PEM, as `tls` and `https` take it. */
export interface Certificate {
    readonly cert: string;
    readonly key: string;
}

export interface Certificates {
    readonly ca: Certificate;
    /** For 127.0.0.1 and localhost. */
    readonly server: Certificate;
    /** Of the client `tls`, which is known by its subject. */
    readonly tls: Certificate;
    /** Of the client `tlsBound`, which is known by its alternative name. */
    readonly tlsBound: Certificate;
    /** Trusted for itself. Its subject is that of `tls`, and must not be taken for it. */
    readonly selfSigned: Certificate;
    /** Signed by the CA, but it belongs to none of the clients. */
    readonly stranger: Certificate;
    /** Its subject is that of `tls`; the CA that signed it is not trusted. */
    readonly rogue: Certificate;
}

interface Subject {
    commonName: string;
    dns?: string[];
    ip?: string[];
    isAuthority?: boolean;
}

interface Signer {
    name: string;
    key: KeyObject;
}

export const tlsSubject = 'tls-client';
export const tlsBoundName = 'tls-bound.client.invalid';

let created: Certificates | undefined;

/** Node.js can read X.509 certificates and cannot create them; these are written in DER, by RFC 5280. */
export function testCertificates(): Certificates {
    created ??= createCertificates();
    return created;
}

function createCertificates(): Certificates {
    const ca = createCertificate({ commonName: 'test-ca', isAuthority: true });
    const signer = { name: 'test-ca', key: ca.privateKey };
    const rogueSigner = { name: 'test-ca', key: newKeyPair().privateKey };
    const localhost = { commonName: 'localhost', dns: ['localhost'], ip: ['127.0.0.1'] };
    return {
        ca,
        server: createCertificate(localhost, signer),
        tls: createCertificate({ commonName: tlsSubject }, signer),
        tlsBound: createCertificate({ commonName: 'bound', dns: [tlsBoundName] }, signer),
        selfSigned: createCertificate({ commonName: tlsSubject }),
        stranger: createCertificate({ commonName: 'stranger' }, signer),
        rogue: createCertificate({ commonName: tlsSubject }, rogueSigner),
    };
}

const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Without a signer it signs itself. */
function createCertificate(subject: Subject, signer?: Signer): Certificate & { privateKey: KeyObject } {
    const { privateKey, publicKey } = newKeyPair();
    const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));
    const content = sequence(
        tagged(0xa0, integer(Buffer.from([2]))),
        integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
        ecdsaWithSha256,
        name(signer?.name ?? subject.commonName),
        sequence(utcTime(Date.now() - day), utcTime(Date.now() + 30 * day)),
        name(subject.commonName),
        publicKey.export({ type: 'spki', format: 'der' }),
        tagged(0xa3, sequence(...extensions(subject))),
    );
    const signature = sign('sha256', content, signer?.key ?? privateKey);
    return {
        cert: toPem(sequence(content, ecdsaWithSha256, bitString(signature))),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        privateKey,
    };
}

function extensions({ isAuthority = false, dns = [], ip = [] }: Subject): Buffer[] {
    const constraints = isAuthority ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence();
    const names = [
        ...dns.map((value) => tagged(0x82, Buffer.from(value))),
        ...ip.map((value) => tagged(0x87, Buffer.from(value.split('.').map(Number)))),
    ];
    const basicConstraints = sequence(objectId('2.5.29.19'), tagged(0x04, constraints));
    const alternativeNames = sequence(objectId('2.5.29.17'), tagged(0x04, sequence(...names)));
    return names.length > 0 ? [basicConstraints, alternativeNames] : [basicConstraints];
}

const day = 86_400_000;

function tagged(tag: number, ...parts: Buffer[]): Buffer {
    const content = Buffer.concat(parts);
    const { length } = content;
    const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const integer = (value: Buffer) => tagged(0x02, value);
const bitString = (value: Buffer) => tagged(0x03, Buffer.from([0]), value);
const utf8 = (value: string) => tagged(0x0c, Buffer.from(value));
const name = (common: string) => sequence(tagged(0x31, sequence(objectId('2.5.4.3'), utf8(common))));

/** YYMMDDHHMMSSZ */
function utcTime(time: number): Buffer {
    const digits = new Date(time).toISOString().replaceAll(/\D/g, '');
    return tagged(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function objectId(dotted: string): Buffer {
    const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
    return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function base128(value: number): number[] {
    const digits = [value & 0x7f];
    for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
    return digits;
}

function toPem(der: Buffer): string {
    const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
