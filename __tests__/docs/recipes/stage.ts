import axios, { type AxiosInstance } from 'axios';
import { formOf, sendJson, type Form, type Serve, type TestServer } from '../../support/servers.js';
import { attachTokenCreator, type TokenAttachment, type TokenCreator } from '../../../src/index.js';

/** What a token endpoint was sent, in order. */
export interface TokenServer extends TestServer {
    readonly forms: readonly Form[];
}

/** A token endpoint that answers as one provider does; an answer with an `error` has the status 400, or its own. */
export async function serveTokens(
    serve: Serve,
    path: string,
    answer: (form: Form, index: number) => object & { status?: number },
): Promise<TokenServer> {
    const forms: Form[] = [];
    const server = await serve((exchange) => {
        const { method, url, headers } = exchange.received;
        const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
        if (method !== 'POST' || url !== path || !isForm) return sendJson(exchange, 404, {});
        forms.push(formOf(exchange));
        const { status, ...body } = answer(forms.at(-1)!, forms.length);
        return sendJson(exchange, status ?? ('error' in body ? 400 : 200), body);
    });
    return { ...server, forms, url: server.url };
}

/** An API that lets the tokens through that it is told to, by default those that begin with `access-`. */
export async function serveApi(
    serve: Serve,
    isValid = (token: string | undefined): boolean => Boolean(token?.startsWith('access-')),
): Promise<TestServer> {
    return serve((exchange) => {
        const token = exchange.received.headers.authorization?.replace('Bearer ', '');
        return isValid(token) ? sendJson(exchange, 200, { token }) : sendJson(exchange, 401, {});
    });
}

export function attached(api: TestServer, creator: TokenCreator): TokenAttachment & { client: AxiosInstance } {
    const client = axios.create({ baseURL: api.url });
    return { client, ...attachTokenCreator(client, creator) };
}
