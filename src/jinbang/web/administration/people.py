"""People: list, one person, accounts made singly or from a sheet."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jinbang.accounts.domain import people
from jinbang.accounts.domain.totp import remove_device
from jinbang.accounts.models import Organisation, Person, Role, RoleGrant, TotpDevice
from jinbang.accounts.permissions import grants_in_force, scoped_get
from jinbang.web.administration.forms import PersonEditForm, PersonForm, ReasonOnly, roles_within
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import ConfirmForm, form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.shell.sheets import SheetColumn, SheetRow, SheetUpload, upload_page


def managed_organisations(request: OfficeRequest) -> QuerySet[Organisation]:
    """Where the person may make accounts and give roles."""
    return Organisation.objects.filter(request.access.scope("people.manage").q(), is_active=True)


def visible_people(request: OfficeRequest) -> QuerySet[Person]:
    """People whose home or any of whose grants lies within the person's reach."""
    scope = request.access.scope("people.view")
    granted = RoleGrant.objects.filter(scope.q("organisation"), person=OuterRef("pk"))
    return Person.objects.filter(scope.q("home_organisation") | Q(Exists(granted)))


def manageable(request: OfficeRequest, pk: int) -> Person:
    """A person whose account they may change: the home organisation is within reach; else 404."""
    reach = request.access.scope("people.manage").q("home_organisation")
    return scoped_get(Person.objects.filter(reach).select_related("home_organisation"), pk)


def _listed(request: OfficeRequest) -> QuerySet[Person]:
    held = RoleGrant.objects.filter(grants_in_force(request.now)).select_related("organisation")
    grants = Prefetch("grants", held, to_attr="held")
    return visible_people(request).select_related("home_organisation", "totp").prefetch_related(grants)


def _by_role(queryset: QuerySet[Person], role: str) -> QuerySet[Person]:
    return queryset.filter(Exists(RoleGrant.objects.filter(person=OuterRef("pk"), role=role)))


PEOPLE = ListSpec(
    key="people",
    title=gettext_lazy("人员与角色"),
    queryset=_listed,
    columns=[
        Column("name", gettext_lazy("姓名"), sort="name"),
        Column("username", gettext_lazy("用户名"), sort="username", kind="mono"),
        Column("organisation", gettext_lazy("单位"), "home_organisation.name", sort="home_organisation__name"),
        Column("roles", gettext_lazy("现有角色"), lambda who: [g.get_role_display() for g in who.held], kind="tags"),
        Column("email", gettext_lazy("电子邮箱"), default=False),
        Column("phone", gettext_lazy("手机号码"), default=False),
        Column("factor", gettext_lazy("动态口令"), lambda who: _has_factor(who), kind="flag"),
        Column("active", gettext_lazy("启用"), "is_active", kind="flag", sort="is_active"),
        Column("created", gettext_lazy("建立时间"), "created_at", kind="datetime", sort="created_at", default=False),
        Column("seen", gettext_lazy("最近登录"), "last_login", kind="datetime", sort="last_login"),
    ],
    search=["name", "username", "email", "home_organisation__name"],
    search_hint=gettext_lazy("姓名、用户名、单位"),
    filters=[
        Filter("role", gettext_lazy("角色"), Role.choices, _by_role),
        Filter("is_active", gettext_lazy("启用"), [("True", gettext_lazy("启用")), ("False", gettext_lazy("停用"))]),
    ],
    default_order=["name"],
    row_url=lambda who: reverse("person", args=[who.pk]),
    empty=Empty(gettext_lazy("还没有人员"), gettext_lazy("逐个建立账号，或用 Excel 一次导入。")),
    actions=lambda request: (
        PageAction(_("导入"), reverse("person_upload"), "upload"),
        PageAction(_("建立账号"), reverse("person_new"), "plus", primary=True),
    ),
)


def _has_factor(who: Person) -> bool:
    return hasattr(who, "totp") and who.totp.confirmed_at is not None


@requires("people.view")
def person_list(request: HttpRequest) -> HttpResponseBase:
    """Everyone within reach."""
    return render_list(cast(OfficeRequest, request), PEOPLE)


@requires("people.view")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: data, roles past and present, what was done to the account."""
    office = cast(OfficeRequest, request)
    who = scoped_get(visible_people(office).select_related("home_organisation"), pk)
    can = office.access.can("people.manage", who.home_organisation) if who.home_organisation else False
    grants = RoleGrant.objects.filter(person=who).select_related("organisation").order_by("-valid_from")
    reach = set(managed_organisations(office).filter(grants__person=who).values_list("pk", flat=True))
    context = {
        "title": who.name,
        "subtitle": who.home_organisation,
        "person": who,
        "can_manage": can,
        "facts": _facts(who),
        "grants": [(grant, _is_running(grant, office), grant.organisation_id in reach) for grant in grants],
        "page_actions": _person_actions(office, who) if can else (),
        "happenings": timeline(who),
    }
    return render(request, "administration/person.html", context)


def _facts(who: Person) -> list[Fact]:
    return [
        Fact(_("用户名"), who.username, "mono"),
        Fact(_("电子邮箱"), who.email),
        Fact(_("手机号码"), who.phone),
        Fact(_("启用"), who.is_active, "flag"),
        Fact(_("动态口令"), TotpDevice.objects.filter(person=who, confirmed_at__isnull=False).exists(), "flag"),
        Fact(_("最近登录"), who.last_login, "datetime"),
        Fact(_("建立时间"), who.created_at, "datetime"),
    ]


def _is_running(grant: RoleGrant, request: OfficeRequest) -> bool:
    return grant.valid_from <= request.now and (grant.valid_until is None or grant.valid_until > request.now)


def _person_actions(request: OfficeRequest, who: Person) -> list[PageAction]:
    actions = [PageAction(_("更正资料"), reverse("person_edit", args=[who.pk]), "edit")]
    if who.pk != request.user.pk:
        actions.append(PageAction(_("重置密码"), reverse("person_password", args=[who.pk]), "key"))
        label = _("停用账号") if who.is_active else _("恢复账号")
        actions.append(PageAction(label, reverse("person_active", args=[who.pk]), "lock"))
        if request.access.can("people.impersonate"):
            actions.append(PageAction(_("代操作"), reverse("impersonation_begin", args=[who.pk]), "mask"))
    actions.append(PageAction(_("授予角色"), reverse("grant_new", args=[who.pk]), "plus", primary=True))
    return actions


@requires("people.manage")
def person_new(request: HttpRequest) -> HttpResponse:
    """One new account with its first role; the first password is shown once."""
    office = cast(OfficeRequest, request)
    places = managed_organisations(office)
    password = people.initial_password()

    def create(data: dict[str, Any]) -> Person:
        with transaction.atomic():
            role = data.pop("role")
            made = people.create_person(**data, password=password, actor=office.actor, now=office.now)
            people.grant_role(
                person=made, role=role, organisation=data["organisation"], actor=office.actor, now=office.now
            )
        return made

    return form_page(
        office,
        PersonForm,
        create,
        title=_("建立账号"),
        intro=_("建好后会显示初始密码，请当面或电话告知本人；首次登录必须修改。"),
        done=lambda made: reverse("person", args=[made.pk]),
        success=_("账号已建立。初始密码：{}（只显示这一次）").format(password),
        submit=_("建立账号"),
        cancel=reverse("person_list"),
        organisations=places,
        roles=roles_within(places),
    )


@requires("people.manage")
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct name and addresses."""
    office = cast(OfficeRequest, request)
    who = manageable(office, pk)
    return form_page(
        office,
        PersonEditForm,
        lambda data: people.update_person(person=manageable(office, pk), **data, actor=office.actor, now=office.now),
        title=_("更正“{}”的资料").format(who.name),
        done=lambda changed: reverse("person", args=[changed.pk]),
        cancel=reverse("person", args=[pk]),
        instance=who,
    )


@requires("people.manage")
@require_http_methods(["GET", "POST"])
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a new first password, shown once."""
    office = cast(OfficeRequest, request)
    who = manageable(office, pk)
    if request.method == "POST":
        password = people.reset_password(person=who, actor=office.actor, now=office.now)
        return render(request, "administration/password.html", {"person": who, "password": password})
    return form_page(
        office,
        ConfirmForm,
        lambda _data: True,
        title=_("重置“{}”的密码").format(who.name),
        intro=_("会生成新的初始密码，对方在所有地方的登录都会退出，下次登录必须修改密码。"),
        done=lambda _result: reverse("person", args=[pk]),
        submit=_("重置密码"),
        cancel=reverse("person", args=[pk]),
    )


def _with_reason(request: OfficeRequest, who: Person, verb: Any, *, title: str, intro: str) -> HttpResponse:
    def act(data: dict[str, str]) -> bool:
        verb(person=who, actor=request.actor, now=request.now, reason=data["reason"])
        return True

    url = reverse("person", args=[who.pk])
    return form_page(request, ReasonOnly, act, title=title, intro=intro, submit=title, done=lambda _r: url, cancel=url)


@requires("people.manage")
def person_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a lost device."""
    office = cast(OfficeRequest, request)
    who = manageable(office, pk)
    intro = _("“{}”下次登录时要重新设置动态口令。请先核实本人身份。").format(who.name)
    return _with_reason(office, who, remove_device, title=_("停用动态口令"), intro=intro)


@requires("people.manage")
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Close or reopen an account."""
    office = cast(OfficeRequest, request)
    who = manageable(office, pk)
    if who.pk == office.user.pk:
        return HttpResponseRedirect(reverse("person", args=[pk]))
    title = _("停用账号") if who.is_active else _("恢复账号")
    intro = _("“{}”，{}。停用后立即不能登录，历史记录保留。").format(who.name, who.home_organisation)

    def verb(**arguments: Any) -> None:
        people.set_active(active=not who.is_active, **arguments)

    return _with_reason(office, who, verb, title=title, intro=intro)


UPLOAD = SheetUpload(
    key="people",
    title=gettext_lazy("导入人员"),
    intro=gettext_lazy("每行一个新账号和它的第一个角色。导入后会显示各人的初始密码，只显示一次。"),
    columns=[
        SheetColumn("username", "用户名", example="zhang.san", explain=gettext_lazy("登录用，不能重复")),
        SheetColumn("name", "姓名", example="张三"),
        SheetColumn("role", "角色", example="教师", explain=gettext_lazy("与系统中的角色名称一致")),
        SheetColumn("organisation_code", "单位代码", False, ("单位编号", "院校代码"), "S001"),
        SheetColumn("email", "电子邮箱", False, ("邮箱",), "zhang.san@example.cn"),
        SheetColumn("phone", "手机号码", False, ("手机", "联系电话"), "13800000000"),
    ],
    max_rows=500,
)


@requires("people.manage")
def person_upload(request: HttpRequest) -> HttpResponseBase:
    """Accounts from a sheet, all or none; then the list of first passwords."""
    office = cast(OfficeRequest, request)
    made: list[tuple[Person, str]] = []

    def take_in(rows: list[SheetRow]) -> str:
        new = [people.NewPerson(row=row.row, **row.values) for row in rows]
        places = list(managed_organisations(office))
        home = office.user.home_organisation
        found = people.import_people(
            rows=new, organisations=places, default=home if home in places else None, actor=office.actor, now=office.now
        )
        made.extend(found)
        return _("已建立 {} 个账号").format(len(found))

    response = upload_page(office, UPLOAD, take_in, done=reverse("person_list"))
    if made:
        return render(request, "administration/passwords.html", {"made": made})
    return response
