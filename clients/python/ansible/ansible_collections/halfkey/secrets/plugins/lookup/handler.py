"""Ansible's lookup `halfkey.secrets.handler`."""

from __future__ import annotations

DOCUMENTATION = """
name: handler
author: Halfkey
short_description: reads named secrets of Halfkey
description:
  - Reveals named secrets and decrypts them on the controller. Every call is logged by the server.
  - Use C(no_log) in tasks that show what they get.
requirements:
  - the Python package halfkey, on the controller
options:
  _terms:
    description: handlers, such as C(orders/db)
    required: true
  version:
    description: the version that is wanted; the newest if it isn't given
    type: int
  url:
    description: address of the server
    required: true
    type: str
    env:
      - name: HALFKEY_URL
    vars:
      - name: halfkey_url
  token:
    description: a token with the scope C(kms:reveal)
    required: true
    type: str
    env:
      - name: HALFKEY_TOKEN
    vars:
      - name: halfkey_token
  workspace_key:
    description: the key of a folder or an entry, or the workspace key
    required: true
    type: str
    env:
      - name: HALFKEY_WORKSPACE_KEY
    vars:
      - name: halfkey_workspace_key
"""

EXAMPLES = """
- name: one
  ansible.builtin.set_fact:
    password: "{{ lookup('halfkey.secrets.handler', 'orders/db') }}"
  no_log: true

- name: several
  ansible.builtin.set_fact:
    passwords: "{{ query('halfkey.secrets.handler', 'orders/db', 'orders/queue') }}"
  no_log: true
"""

RETURN = """
_raw:
  description: the values as text, in the order of the handlers
  type: list
  elements: str
"""

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

try:
    from halfkey import HalfkeyError, HalfkeySync
except ImportError:
    HalfkeySync = None


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        if HalfkeySync is None:
            raise AnsibleError("The lookup halfkey.secrets.handler needs the Python package halfkey on the controller.")
        self.set_options(var_options=variables, direct=kwargs)
        # Ansible marks values from untrusted sources with classes of its own.
        url, token, workspace_key = (str(self.get_option(name)) for name in ("url", "token", "workspace_key"))
        version = self.get_option("version")
        try:
            with HalfkeySync(url, token=token, workspace_key=workspace_key) as client:
                return [client.kms.reveal(str(handler), version=version).text for handler in terms]
        except HalfkeyError as error:
            problem = f"{', '.join(map(str, terms))}: {error.code}: {error}"
        raise AnsibleError(problem)
