"""Each member of the metadata has a test that tries what it says.

OIDCD-3, RFC8414-2, RFC9728-2.
"""

import ast
from collections.abc import Mapping
from pathlib import Path

from keycell.oauth.metadata import Endpoints, provider_metadata, resource_metadata
from keycell.oauth.mutual_tls import MutualTls

from ..conftest import BASE, Browser

TESTS = Path(__file__).parents[1]
HERE = "protocol/test_listing.py"

_LISTED, _REQUESTS = "protocol/test_listed.py::", "protocol/test_requests.py::"
_DISCOVERY, _TELLING = "protocol/test_discovery.py::", "protocol/test_telling.py::"
_ENCRYPTED = "protocol/test_encryption.py::test_whatever_the_metadata_lists_is_done"
_ENCRYPTED_REQUESTS = "protocol/test_encrypted_requests.py::test_whatever_the_metadata_lists_opens"
_CERTIFIED = "protocol/test_mutual_tls.py::"

READ: Mapping[str, str] = {
    "scopes_supported": f"{_LISTED}test_each_scope_is_granted_to_who_may_ask",
    "claims_supported":
        "protocol/test_fapi2_tokens.py::test_p22_every_claim_that_is_listed_can_be_asked_for",
    "ui_locales_supported": f"{_LISTED}test_each_language_is_spoken",
    "response_types_supported":
        "protocol/test_response_types.py::test_d3_d4_every_kind_that_is_listed_works",
    "response_modes_supported":
        "protocol/test_response_types.py::test_d3_d4_every_kind_that_is_listed_works",
    "grant_types_supported": f"{_LISTED}test_each_grant_type_is_taken",
    "prompt_values_supported": f"{_LISTED}test_each_prompt_and_display_is_honoured",
    "display_values_supported": f"{_LISTED}test_each_prompt_and_display_is_honoured",
    "acr_values_supported":
        "http/test_factors.py::test_a_client_asks_for_more_and_is_told_what_it_got",
    "subject_types_supported": f"{_LISTED}test_each_kind_of_subject_names_somebody",
    "code_challenge_methods_supported": f"{_LISTED}test_what_is_said_of_requests_is_so",
    "claim_types_supported": f"{_LISTED}test_what_is_said_of_requests_is_so",
    "backchannel_token_delivery_modes_supported":
        f"{_LISTED}test_each_delivery_mode_can_be_registered",
    **{f"{name}_endpoint_auth_methods_supported":
           f"{_LISTED}test_each_method_proves_a_client_at_each_endpoint"
       for name in ("token", "revocation", "introspection")},
    **{f"{name}_endpoint_auth_signing_alg_values_supported":
           f"{_LISTED}test_each_algorithm_proves_a_client"
       for name in ("token", "revocation", "introspection")},
    **{f"{name}_signing_alg_values_supported":
           f"{_LISTED}test_each_algorithm_signs_each_answer"
       for name in ("id_token", "userinfo", "authorization", "introspection")},
    "request_object_signing_alg_values_supported": f"{_LISTED}test_each_algorithm_signs_a_request",
    "backchannel_authentication_request_signing_alg_values_supported":
        f"{_LISTED}test_each_algorithm_signs_a_request",
    "dpop_signing_alg_values_supported": f"{_LISTED}test_each_algorithm_proves_to_hold_a_key",
    **{f"{name}_encryption_{kind}_values_supported": _ENCRYPTED
       for name in ("id_token", "userinfo", "authorization", "introspection")
       for kind in ("alg", "enc")},
    **{f"request_object_encryption_{kind}_values_supported": _ENCRYPTED_REQUESTS
       for kind in ("alg", "enc")},
    "authorization_details_types_supported":
        "http/test_details.py::test_the_resource_tells_of_itself",
    "mtls_endpoint_aliases": "test_mutual_tls.py::test_the_metadata_says_where_to_go",
    "tls_client_certificate_bound_access_tokens":
        f"{_CERTIFIED}test_what_is_published_can_be_registered",
    "client_id_metadata_document_supported":
        "protocol/test_client_documents.py::test_somebody_signs_in_to_it",
    "native_sso_supported":
        "attacks/test_native_sso.py::test_another_application_of_the_suite_is_signed_in",
    "check_session_iframe":
        "protocol/test_session_state.py::test_s1_the_frame_is_listed_and_may_be_framed",
    "require_pushed_authorization_requests": f"{_LISTED}test_what_is_said_of_requests_is_so",
    "claims_parameter_supported": f"{_LISTED}test_what_is_said_of_requests_is_so",
    "authorization_response_iss_parameter_supported":
        f"{_LISTED}test_what_is_said_of_requests_is_so",
    "backchannel_user_code_parameter_supported": f"{_LISTED}test_what_is_said_of_requests_is_so",
    "request_parameter_supported": f"{_DISCOVERY}test_d6_request_objects_are_said_to_be_taken",
    "request_uri_parameter_supported": f"{_DISCOVERY}test_d6_request_objects_are_said_to_be_taken",
    "require_request_uri_registration":
        f"{_DISCOVERY}test_d6_request_objects_are_said_to_be_taken",
    "issuer": f"{_DISCOVERY}test_d1_the_issuer_is_the_address_without_its_suffix",
    "jwks_uri": f"{_DISCOVERY}test_d2_every_endpoint_is_absolute_and_answers",
    "resource": f"{_LISTED}test_a_resource_says_whose_tokens_open_it",
    "authorization_servers": f"{_LISTED}test_a_resource_says_whose_tokens_open_it",
    "bearer_methods_supported": f"{_LISTED}test_a_resource_says_whose_tokens_open_it",
    "resource_name": f"{_LISTED}test_a_resource_says_whose_tokens_open_it",
    "dpop_bound_access_tokens_required": f"{_LISTED}test_a_resource_says_whose_tokens_open_it",
}  # fmt: skip
"""By member: the test that reads it, and tries each value that it lists."""

DONE: Mapping[str, str] = {
    "backchannel_logout_supported": f"{_TELLING}test_b2_the_token_says_whose_session_ended",
    "backchannel_logout_session_supported":
        f"{_TELLING}test_b2_the_token_says_whose_session_ended",
    "frontchannel_logout_supported":
        f"{_TELLING}test_fl_the_browser_loads_what_applications_registered",
    "frontchannel_logout_session_supported":
        f"{_TELLING}test_fl_the_browser_loads_what_applications_registered",
    "request_parameter_supported": f"{_REQUESTS}test_a14_what_is_signed_is_what_is_asked",
    "request_uri_parameter_supported":
        f"{_REQUESTS}test_a15_an_object_at_a_registered_address",
    "require_request_uri_registration":
        f"{_REQUESTS}test_a15_an_object_at_a_registered_address",
    "authorization_endpoint":
        "protocol/test_authorization.py::test_a1_post_is_as_good_as_get",
    "token_endpoint": "protocol/test_token.py::test_t1_the_answer_is_json_that_nobody_keeps",
    "userinfo_endpoint": "protocol/test_userinfo.py::test_u1_it_answers_in_every_way_of_asking",
    "revocation_endpoint":
        "protocol/test_userinfo.py::test_a_refresh_token_given_back_ends_its_grant",
    "introspection_endpoint":
        "protocol/test_userinfo.py::test_introspection_tells_those_whom_it_concerns",
    "device_authorization_endpoint":
        "protocol/test_device.py::test_a_device_is_told_what_to_show",
    "backchannel_authentication_endpoint":
        "protocol/test_backchannel.py::test_a_person_allows_a_request",
    "pushed_authorization_request_endpoint":
        f"{_REQUESTS}test_p3_p7_a_pushed_request_needs_the_reference_alone",
    "end_session_endpoint": "protocol/test_logout.py::test_l1_out_and_back_with_state_alone",
    "registration_endpoint": "protocol/test_registration.py::test_r1_what_a_client_is_told",
    "authorization_code": "protocol/test_token.py::test_t1_the_answer_is_json_that_nobody_keeps",
    "refresh_token": "protocol/test_token.py::test_t4_a_refresh_gives_the_same_person_again",
    "client_credentials": "protocol/test_token.py::test_client_credentials_are_the_clients_own",
    "implicit": "protocol/test_response_types.py::test_d3_d4_every_kind_that_is_listed_works",
    "urn:ietf:params:oauth:grant-type:device_code":
        "protocol/test_device.py::test_a_person_allows_a_device",
    "urn:openid:params:grant-type:ciba":
        "protocol/test_backchannel.py::test_a_person_allows_a_request",
    "urn:ietf:params:oauth:grant-type:token-exchange":
        "attacks/test_exchange.py::test_an_exchange_narrows",
    "urn:ietf:params:oauth:grant-type:jwt-bearer":
        "protocol/test_jwt_bearer.py::test_an_assertion_buys_an_access_token",
    "tls_client_auth":
        f"{_CERTIFIED}test_a_client_is_known_by_the_name_in_its_certificate",
    "self_signed_tls_client_auth":
        f"{_CERTIFIED}test_a_client_is_known_by_the_certificate_it_registered",
}  # fmt: skip
"""By member or value: the flow of it from end to end."""


LOOPED = (
    "_encryption_alg_values_supported", "_encryption_enc_values_supported",
    "_signing_alg_values_supported", "_endpoint_auth_methods_supported",
    "_endpoint_auth_signing_alg_values_supported",
)  # fmt: skip


def source_of(test: str) -> str:
    """Give the text of a test that is named as pytest names it."""
    path, _, name = test.partition("::")
    text = (TESTS / path).read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return ast.get_source_segment(text, node) or ""
    raise AssertionError(f"there is no test {test}")


def everything() -> dict[str, object]:
    """Give all that any setting has listed."""
    ends, tls = (
        Endpoints(f"{BASE}/oidc", BASE),
        MutualTls(is_offered=True, has_authorities=True, base_url="https://mtls.example"),
    )
    told = provider_metadata(
        ends, takes_registrations=True, takes_documents=True, ui_locales=("en",), mutual_tls=tls
    )
    return resource_metadata(ends, "a", tls) | told


def test_each_member_is_tried() -> None:
    """OIDCD-3: what is added to the metadata needs a test that tries it."""
    told = everything()
    assert set(told) <= set(READ) | set(DONE)
    assert set(READ) <= set(told)
    for member, test in READ.items():
        source = source_of(test)
        # Members of one kind are read in a loop, by what their names end in.
        ends = [end for end in LOOPED if member.endswith(end)]
        names = (member, member.removesuffix("_values_supported"), *ends)
        assert any(name in source for name in names), member
    for test in DONE.values():
        assert source_of(test)


def test_each_value_that_stands_for_a_flow_has_one() -> None:
    """RFC8414-2: grant types, and the methods that need a certificate."""
    told = everything()
    methods, grants = told["token_endpoint_auth_methods_supported"], told["grant_types_supported"]
    assert isinstance(methods, list)
    assert isinstance(grants, list)
    assert set(grants) <= set(DONE)
    assert {one for one in methods if "tls" in one} <= set(DONE)


async def test_nothing_is_served_that_is_not_told(browser: Browser) -> None:
    """RFC8414-3, RFC9728-3: the documents are these members, none more."""
    told = (await browser.http.get("/oidc/.well-known/openid-configuration")).json()
    resource = (await browser.http.get("/.well-known/oauth-protected-resource/io")).json()
    assert set(told) | set(resource) <= set(everything())
    assert (await browser.http.get("/oidc/.well-known/oauth-authorization-server")).json() == told
    assert (await browser.http.get("/.well-known/openid-configuration/oidc")).json() == told
