import { withParameters, type ClientAuthentication } from './client-authentication.js';

/**
 * Sends the `client_id` alone (RFC 6749 section 3.2.1): a public client. What is used for a client without a secret,
 * unless another way is chosen.
 */
export const none: ClientAuthentication = (request, { id }) => withParameters(request, { client_id: id });
