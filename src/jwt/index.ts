export {
    clientSecretJwt,
    privateKeyJwt,
    type ClientAssertionOptions,
    type ClientSecretJwtOptions,
    type PrivateKeyJwtOptions,
} from './client-assertion.js';
export { jwtAssertion, type JwtAssertionOptions } from './jwt-assertion.js';
export type { SigningKey } from './signing-key.js';
