// Every type of every entry, used: a type that is missing here, or no longer there, is a change of what is offered.
import type * as root from 'axios-token-creator';
import type * as dpop from 'axios-token-creator/dpop';
import type * as jwt from 'axios-token-creator/jwt';
import type * as redis from 'axios-token-creator/redis';
import type * as shared from 'axios-token-creator/shared';
import type * as tabs from 'axios-token-creator/tabs';
import type * as testing from 'axios-token-creator/testing';

export type RootTypes = [
    root.AccessToken,
    root.AttachOptions,
    root.AuthorizationScheme,
    root.Challenge,
    root.Client,
    root.ClientAuthentication,
    root.ClientCredentials,
    root.ClientOptions,
    root.Clock,
    root.DeviceAuthorization,
    root.DeviceCredentials,
    root.DeviceTokenCreatorOptions,
    root.EndpointOptions,
    root.FirstRefreshToken,
    root.IntrospectionResponse,
    root.Issuer,
    root.JwtBearerCredentials,
    root.RefreshAtEndpoint,
    root.RefreshByFunction,
    root.RefreshTokenCreatorOptions,
    root.RefreshTokenCredentials,
    root.RefreshTokenOptions,
    root.RejectionPredicate,
    root.Replay,
    root.RequestParameters,
    root.RequestRules,
    root.RobotCredentials,
    root.Sharing,
    root.TokenAttachment,
    root.TokenCreator,
    root.TokenCreatorContext,
    root.TokenEndpointOptions,
    root.TokenErrorCode,
    root.TokenEvent,
    root.TokenEventListener,
    root.TokenExchangeCredentials,
    root.TokenGrantResponse,
    root.TokenParameters,
    root.TokenRefusal,
    root.TokenRequest,
    root.TokenSource,
    root.TokenSourceOptions,
    root.TokenStateOptions,
    root.TokenToSend,
    root.UserCredentials,
    root.UserTokenCreatorOptions,
];
export type DpopTypes = [dpop.AuthorizationScheme, dpop.DpopOptions, dpop.KeyPair, dpop.WebCryptoKey];
export type JwtTypes = [
    jwt.ClientAssertionOptions,
    jwt.ClientAuthentication,
    jwt.ClientSecretJwtOptions,
    jwt.JsonWebKeyLike,
    jwt.JwtAssertionOptions,
    jwt.PrivateKeyJwtOptions,
    jwt.SigningKey,
    jwt.SigningOptions,
    jwt.WebCryptoKey,
];
export type RedisTypes = [
    redis.IoredisClient,
    redis.IoredisSubscriber,
    redis.NodeRedisClient,
    redis.NodeRedisSubscriber,
    redis.RedisClient,
    redis.RedisStoreOptions,
    redis.RedisTokenOptions,
];
export type SharedTypes = [
    shared.Codec,
    shared.Lease,
    shared.ReadEntry,
    shared.SharedTokenEvent,
    shared.SharedTokenEventListener,
    shared.SharedTokenOptions,
    shared.SharingOptions,
    shared.StoredEntry,
    shared.TokenLock,
    shared.TokenStore,
];
export type TabsTypes = [tabs.TabsOptions];
export type TestingTypes = [
    testing.ContractCase,
    testing.ContractOptions,
    testing.Lease,
    testing.ReadEntry,
    testing.StoreContractOptions,
    testing.StoredEntry,
    testing.TokenLock,
    testing.TokenStore,
];
