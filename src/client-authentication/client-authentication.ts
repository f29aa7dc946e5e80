/** The parameters of a request to an authorization server, by their names on the wire; empty ones are not sent. */
export type RequestParameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request to an authorization server, before it is sent. */
export interface TokenRequest {
    /** The whole URL; a path only where there is neither a base nor a page to resolve it on. */
    readonly url: string;
    /** Where to send it instead when the client authenticates by mutual TLS (RFC 8705 section 5). */
    readonly mtlsUrl?: string | undefined;
    /** Whom an assertion of the client is for: the server's issuer where it is known, or else the URL. */
    readonly audience: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly parameters: RequestParameters;
}

/** An OAuth 2.0 client, as its authorization server knows it. */
export interface Client {
    readonly id: string;
    readonly secret?: string | undefined;
}

/**
 * Authenticates a client at its authorization server (RFC 6749 section 2.3): returns the request with the proof added.
 * It is called anew for each request that is sent.
 */
export type ClientAuthentication = ((request: TokenRequest, client: Client) => TokenRequest | Promise<TokenRequest>) & {
    /** A creator of a client without a secret is refused at once, then. */
    readonly needsSecret?: boolean;
};

/** The request with more parameters. */
export function withParameters(request: TokenRequest, parameters: RequestParameters): TokenRequest {
    return { ...request, parameters: { ...request.parameters, ...parameters } };
}

/** An authentication that sends or uses the client's secret. */
export function bySecret(
    authenticate: (request: TokenRequest, id: string, secret: string) => TokenRequest | Promise<TokenRequest>,
): ClientAuthentication {
    const authentication: ClientAuthentication = (request, { id, secret = '' }) => authenticate(request, id, secret);
    return Object.assign(authentication, { needsSecret: true });
}
