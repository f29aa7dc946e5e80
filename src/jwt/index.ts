export {
    clientSecretJwt,
    privateKeyJwt,
    type ClientAssertionOptions,
    type ClientSecretJwtOptions,
    type PrivateKeyJwtOptions,
} from './client-assertion.js';
export { jwtAssertion, type JwtAssertionOptions } from './jwt-assertion.js';
export type { WebCryptoKey } from '../crypto-key.js';
export type { ClientAuthentication } from '../client-authentication/client-authentication.js';
export type { JsonWebKeyLike, SigningKey, SigningOptions } from './signing-key.js';
