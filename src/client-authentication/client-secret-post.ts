import { bySecret, withParameters, type ClientAuthentication } from './client-authentication.js';

/**
 * Sends `client_id` and `client_secret` in the body (RFC 6749 section 2.3.1). What is used for a client that has a secret,
 * unless another way is chosen.
 */
export const clientSecretPost: ClientAuthentication = /* @__PURE__ */ bySecret((request, id, secret) =>
    withParameters(request, { client_id: id, client_secret: secret }),
);
