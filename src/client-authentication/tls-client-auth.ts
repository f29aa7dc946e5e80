import { TokenResponseError } from '../errors.js';
import { withParameters, type ClientAuthentication } from './client-authentication.js';

/**
 * For a client that authenticates with its certificate (RFC 8705 section 2), `tls_client_auth` and
 * `self_signed_tls_client_auth` alike: sends the `client_id`, and to the server's own endpoint for mutual TLS where
 * discovery tells of one. The certificate is in the `httpsAgent` of the option `client`.
 *
 * @example
 * ```ts
 * const httpsAgent = new Agent({ cert, key });
 * const options = { client: { baseURL, httpsAgent }, clientAuthentication: tlsClientAuth };
 * const creator = createClientTokenCreator({ id: 'my-client' }, options);
 * ```
 * @throws TokenResponseError, when called, where the server's own endpoint has no usable URL
 */
export const tlsClientAuth: ClientAuthentication = (request, { id }) => {
    const { url, mtlsUrl = url } = request;
    if (!mtlsUrl) throw new TokenResponseError('the metadata of the issuer hold no usable URL for mutual TLS');
    return { ...withParameters(request, { client_id: id }), url: mtlsUrl };
};
