import { connect } from 'node:net';
import {
    createTestAuthorizationServer,
    type TestAuthorizationServer,
    type TestAuthorizationServerOptions,
} from '../../src/testing/index.js';

/** Starts test authorization servers for a suite, and closes them after each test. */
export function useTestServers(): (options?: TestAuthorizationServerOptions) => Promise<TestAuthorizationServer> {
    const open: TestAuthorizationServer[] = [];
    afterEach(async () => {
        await Promise.all(open.splice(0).map((server) => server.close()));
    });
    return async (options) => {
        const server = await createTestAuthorizationServer(options);
        open.push(server);
        return server;
    };
}

/** A token request as a form; the path is that of another endpoint where it is wanted. */
export async function post(server: TestAuthorizationServer, fields: Record<string, string>, path = '/token') {
    const response = await fetch(server.url + path, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Grant };
}

interface Grant extends Record<string, unknown> {
    access_token: string;
    refresh_token: string;
}

export function logIn(server: TestAuthorizationServer) {
    return post(server, { grant_type: 'password', username: 'a', password: 'b' });
}

export function refresh(server: TestAuthorizationServer, refreshToken: string) {
    return post(server, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

export function callApi(server: TestAuthorizationServer, accessToken?: string, path = '/api/orders') {
    const headers = new Headers(accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` });
    return fetch(server.url + path, { headers });
}

/** What came on a connection, and how it ended. */
export interface Received {
    readonly bytes: Buffer;
    readonly text: string;
    /** How many pieces it came in. */
    readonly pieces: number;
    /** `left`: by ourselves. */
    readonly ending: 'ended' | 'reset' | 'left';
}

export const BODY = 'grant_type=password&username=a&password=b';
export const HEAD = `POST /token HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n`;

/** Says this on a connection, and listens until it ends or there are so many bytes. */
export function say(server: TestAuthorizationServer, text: string, enough = Infinity): Promise<Received> {
    return new Promise((resolve) => {
        const { hostname, port } = new URL(server.url);
        const chunks: Buffer[] = [];
        let length = 0;
        const settle = (ending: Received['ending']): void => {
            const bytes = Buffer.concat(chunks);
            resolve({ bytes, text: bytes.toString('latin1'), pieces: chunks.length, ending });
        };
        const socket = connect(Number(port), hostname, () => socket.write(text));
        socket.setNoDelay(true);
        socket.on('data', (chunk: Buffer) => {
            length += chunks.push(chunk) && chunk.length;
            if (length >= enough) socket.destroy();
        });
        socket.once('end', () => settle('ended'));
        socket.once('error', () => settle('reset'));
        socket.once('close', () => settle('left'));
    });
}
