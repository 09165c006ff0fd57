"""Who may do what, where and when: predicates over role grants.

A grant at the awarding organisation reaches every organisation, one at an authority its subtree, any other
its own organisation. A request makes one :class:`Access` (one query) and asks it; an object outside a
person's scope is answered like one that does not exist (:func:`scoped_get`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404

from jinbang.accounts.access import roles_for
from jinbang.accounts.models import Organisation, Person, RoleGrant

M = TypeVar("M", bound=Model)
_DEPTH = 3  # authority → city → school, and one level to spare
_KINDS_WITH_SUBTREE = frozenset({Organisation.Kind.PROVINCE, Organisation.Kind.CITY})


def grants_in_force(now: datetime) -> Q:
    """The condition under which a ``RoleGrant`` counts at ``now``: end exclusive, organisation active."""
    ends = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    return Q(valid_from__lte=now, organisation__is_active=True, person__is_active=True) & ends


def within(organisation_ids: Iterable[int], path: str = "", depth: int = _DEPTH) -> Q:
    """A condition on any queryset: the organisation at ``path`` is one of these or below one of them."""
    ids = list(organisation_ids)
    parts = [path] if path else []
    condition = Q(**{"__".join([*parts, "pk__in"]): ids})
    for steps in range(1, depth + 1):
        condition |= Q(**{"__".join([*parts, *["parent"] * steps, "pk__in"]): ids})
    return condition


@dataclass(frozen=True)
class Scope:
    """Where an ability reaches: ``everything``, whole subtrees of ``trees``, and the organisations in ``own``."""

    everything: bool = False
    trees: frozenset[int] = frozenset()
    own: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.trees or self.own)

    def q(self, path: str = "") -> Q:
        """The condition for rows whose organisation at ``path`` ("" for organisations themselves) is in scope.

        Everything is said in words (no row is in an empty list): an empty ``Q`` would vanish from ``scope | other``.
        """
        if self.everything:
            return ~Q(pk__in=[])
        own = Q(**{f"{path}__pk__in" if path else "pk__in": list(self.own)})
        return own | within(self.trees, path) if self.trees else own

    def covers(self, organisation: Organisation | None) -> bool:
        """Whether ``organisation`` is in scope."""
        if self.everything:
            return True
        if organisation is None:
            return False
        if organisation.pk in self.own:
            return True
        here: Organisation | None = organisation
        for _ in range(_DEPTH + 1):
            if here is None:
                return False
            if here.pk in self.trees:
                return True
            here = here.parent
        return False


class Access:
    """What ``person`` may do at ``now``. Grants are read once, when first asked."""

    def __init__(self, person: Person, now: datetime) -> None:
        self.person, self.now = person, now

    @cached_property
    def grants(self) -> tuple[RoleGrant, ...]:
        """Grants in force, with their organisations."""
        held = RoleGrant.objects.filter(grants_in_force(self.now), person_id=self.person.pk)
        return tuple(held.select_related("organisation").order_by("organisation__kind", "role", "pk"))

    @cached_property
    def roles(self) -> frozenset[str]:
        """Roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def scope_of_roles(self, roles: Collection[str]) -> Scope:
        """Where the person holds any of ``roles``."""
        held = [grant.organisation for grant in self.grants if grant.role in roles]
        return Scope(
            everything=any(place.kind == Organisation.Kind.AWARDING for place in held),
            trees=frozenset(place.pk for place in held if place.kind in _KINDS_WITH_SUBTREE),
            own=frozenset(place.pk for place in held if place.kind not in _KINDS_WITH_SUBTREE),
        )

    def scope(self, ability: str, state: str = "") -> Scope:
        """Where the person has ``ability`` (a key of ``accounts.access.ACCESS``)."""
        return self.scope_of_roles(roles_for(ability, state))

    def can(self, ability: str, organisation: Organisation | None = None, *, state: str = "") -> bool:
        """Whether the person has ``ability`` at ``organisation``; without one, whether they have it anywhere."""
        scope = self.scope(ability, state)
        return bool(scope) if organisation is None else scope.covers(organisation)

    def require(self, ability: str, organisation: Organisation | None = None, *, state: str = "") -> None:
        """Raise ``PermissionDenied`` unless :meth:`can`."""
        if not self.can(ability, organisation, state=state):
            raise PermissionDenied(ability)


def has_role(person: Person, roles: Collection[str], organisation: Organisation | None, now: datetime) -> bool:
    """Whether ``person`` holds one of ``roles`` at ``now`` for ``organisation`` (None: anywhere)."""
    scope = Access(person, now).scope_of_roles(roles)
    return bool(scope) if organisation is None else scope.covers(organisation)


def covered_organisations(
    person: Person, now: datetime, roles: Collection[str] | None = None
) -> QuerySet[Organisation]:
    """Organisations that the person's grants (of ``roles``, or any) reach at ``now``."""
    access = Access(person, now)
    return Organisation.objects.filter(access.scope_of_roles(roles if roles is not None else access.roles).q())


def holders(roles: Collection[str], organisation: Organisation, now: datetime) -> QuerySet[Person]:
    """Active people who hold one of ``roles`` at exactly ``organisation`` at ``now``."""
    held = RoleGrant.objects.filter(grants_in_force(now), role__in=list(roles), organisation=organisation)
    return Person.objects.filter(is_active=True, pk__in=held.values("person"))


def scoped_get(queryset: QuerySet[M], pk: Any, **also: Any) -> M:
    """The object, or 404: what a person may not see does not exist for them."""
    return get_object_or_404(queryset, pk=pk, **also)
