import { formEncode } from '../redaction.js';
import { bySecret, type ClientAuthentication, type TokenRequest } from './client-authentication.js';

/** btoa takes no character beyond U+00FF: RFC 7617 section 2.1 makes bytes of them by UTF-8. */
function base64(text: string): string {
    return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function withBasic(request: TokenRequest, id: string, secret: string): TokenRequest {
    return { ...request, headers: { ...request.headers, Authorization: `Basic ${base64(`${id}:${secret}`)}` } };
}

/** Sends the client's id and secret by HTTP Basic authentication, each form-encoded as RFC 6749 section 2.3.1 asks for. */
export const clientSecretBasic: ClientAuthentication = /* @__PURE__ */ bySecret((request, id, secret) =>
    withBasic(request, formEncode(id), formEncode(secret)),
);

/**
 * The same for servers that do not decode what RFC 6749 section 2.3.1 encodes (eBay and Google have been seen to): id
 * and secret as they are. It makes a difference only where they hold more than letters, digits and `-._*`.
 *
 * @throws TypeError, when called, for an id with a colon, which cannot be sent so
 */
export const clientSecretBasicUnencoded: ClientAuthentication = /* @__PURE__ */ bySecret((request, id, secret) => {
    if (id.includes(':'))
        throw new TypeError('clientSecretBasicUnencoded: an id with a colon cannot be sent unencoded');
    return withBasic(request, id, secret);
});
