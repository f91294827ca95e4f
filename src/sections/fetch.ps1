#Requires -Modules Microsoft.Graph.Authentication
<#
    Fetches what Levelmark reads from Microsoft Graph as raw bodies, one folder per section:
    page-0001.json and so on as the service answered, error.json where it refused. It only reads,
    and goes on after every failure. Afterwards, with the folder that holds them all:

        levelmark import graph FOLDER --out SNAPSHOT

    Sign in first, with the permissions below or as many of them as you have:

        Connect-MgGraph -Scopes @(
<<scopes>>
        )
<<notes>>
    What is read once per object (owners, members, tasks) carries the object's id in a member
    "@levelmark.join" that this script puts at the start of the body.
#>
[CmdletBinding()]
param(
    # Where the folders go.
    [string] $Out = 'levelmark-raw',
    # How far back logs are read, in days.
    [int] $Days = 180,
    # Object ids of the emergency accounts: their sign-ins are read.
    [string[]] $BreakGlass = @(),
    # Object ids of groups whose calendars hold the review meetings.
    [string[]] $MeetingGroups = @()
)

$ErrorActionPreference = 'Stop'
$requests = @(
<<requests>>
)
$given = @{ 'break_glass' = $BreakGlass; 'meeting_groups' = $MeetingGroups }

$context = Get-MgContext
if (-not $context) { throw 'Not signed in: run the Connect-MgGraph command at the top of this script.' }
$Out = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Out)
$now = (Get-Date).ToUniversalTime()
$pages = @{}
$errors = @{}

function Format-Time([datetime] $Time) {
    $Time.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture)
}

function Write-Text([string] $Folder, [string] $Name, [string] $Text) {
    [void] [System.IO.Directory]::CreateDirectory($Folder)
    $path = Join-Path $Folder $Name
    [System.IO.File]::WriteAllText($path, $Text, (New-Object System.Text.UTF8Encoding $false))
}

function Save-Page([string] $Id, [string] $Body) {
    $pages[$Id] = 1 + [int] $pages[$Id]
    Write-Text (Join-Path $Out $Id) ('page-{0:d4}.json' -f $pages[$Id]) $Body
}

function Save-Error([string] $Id, [string] $Body) {
    $errors[$Id] = 1 + [int] $errors[$Id]
    $name = if ($errors[$Id] -eq 1) { 'error.json' } else { 'error-{0:d4}.json' -f $errors[$Id] }
    Write-Text (Join-Path $Out $Id) $name $Body
}

function New-ErrorBody([string] $Code, [string] $Message) {
    ConvertTo-Json -Compress -InputObject @{ error = @{ code = $Code; message = $Message } }
}

# The body of a request as text; never throws, a failure is an error body.
function Get-Body([string] $Uri) {
    try {
        $headers = @{ Prefer = 'include-unknown-enum-members' }
        $body = Invoke-MgGraphRequest -Method GET -Uri $Uri -Headers $headers -OutputType Json -SkipHttpErrorCheck
        if ($body) { return [string] $body }
        return New-ErrorBody 'EmptyAnswer' "The service answered with nothing to $Uri"
    }
    catch {
        $text = [string] $_.ErrorDetails.Message
        if ($text -match '(?s)\{\s*"error"\s*:.*\}') { return $Matches[0] }
        return New-ErrorBody 'RequestFailed' $_.Exception.Message
    }
}

function Test-ErrorBody([string] $Body) { $Body -match '^\s*\{\s*"error"\s*:' }

# Inside a text the quotes would be escaped, so this finds the body's own link alone.
function Get-NextLink([string] $Body) {
    if ($Body -match '"@odata\.nextLink"\s*:\s*"((?:[^"\\]|\\.)*)"') {
        return [System.Text.RegularExpressions.Regex]::Unescape($Matches[1].Replace('\/', '/'))
    }
}

function Save-Pages([string] $Id, [string] $Uri, [string] $Join) {
    $seen = @{}
    $next = $Uri
    while ($next -and -not $seen.ContainsKey($next)) {
        $seen[$next] = $true
        $body = Get-Body $next
        if (Test-ErrorBody $body) { Save-Error $Id $body; return }
        $next = Get-NextLink $body
        if ($Join) { $body = '{"@levelmark.join":' + $Join + ',' + $body.TrimStart().Substring(1) }
        Save-Page $Id $body
    }
}

# The items of a section that was fetched before.
function Read-Items([string] $Id) {
    $folder = Join-Path $Out $Id
    for ($n = 1; $n -le [int] $pages[$Id]; $n++) {
        $text = [System.IO.File]::ReadAllText((Join-Path $folder ('page-{0:d4}.json' -f $n)))
        (ConvertFrom-Json -InputObject $text).value
    }
}

# The objects at a path; what can't be read is written down as an error of the section.
function Read-Path([string] $Id, [string] $Uri) {
    $seen = @{}
    $next = $Uri
    while ($next -and -not $seen.ContainsKey($next)) {
        $seen[$next] = $true
        $body = Get-Body $next
        if (Test-ErrorBody $body) { Save-Error $Id $body; return }
        $next = Get-NextLink $body
        (ConvertFrom-Json -InputObject $body).value
    }
}

# Groups that conditional access, role assignments and approvals refer to.
function Read-ReferencedGroups {
    $ids = @()
    foreach ($policy in @(Read-Items 'conditionalAccess.policies')) {
        $ids += $policy.conditions.users.includeGroups
        $ids += $policy.conditions.users.excludeGroups
    }
    foreach ($section in 'roles.assignments', 'roles.eligibilities', 'roles.activeAssignments') {
        foreach ($assignment in @(Read-Items $section)) {
            if ($assignment.principal.'@odata.type' -like '*.group') { $ids += $assignment.principalId }
        }
    }
    foreach ($assignment in @(Read-Items 'roles.policies')) {
        foreach ($rule in $assignment.policy.rules) {
            foreach ($stage in $rule.setting.approvalStages) { $ids += $stage.primaryApprovers.groupId }
        }
    }
    $ids | Where-Object { $_ } | Sort-Object -Unique | ForEach-Object { @{ id = $_ } }
}

# The objects that a request is made for, one by one.
function Read-Objects($Request) {
    switch ($Request.each) {
        'item' { Read-Items $Request.of }
        'where' {
            Read-Items $Request.of | Where-Object {
                @($_.($Request.property) | ForEach-Object { "$_" }) -contains $Request.value
            }
        }
        'at' { Read-Path $Request.id $Request.of }
        'param' { $given[$Request.of] | ForEach-Object { @{ id = $_ } } }
        'groups' { Read-ReferencedGroups }
    }
}

# A log may have to be asked for in windows.
function Expand-Window($Request, [string] $Uri) {
    $span = $Days
    if ($Request.reach) { $span = [Math]::Min($Days, $Request.reach) }
    $from = $now.AddDays(-$span)
    do {
        $to = $now
        if ($Request.window -and $from.AddDays($Request.window) -lt $now) { $to = $from.AddDays($Request.window) }
        $Uri.Replace('{from}', (Format-Time $from)).Replace('{to}', (Format-Time $to))
        $from = $to
    } while ($from -lt $now -and $Uri.Contains('{to}'))
}

function Save-Section($Request) {
    $id = $Request.id
    if (-not $Request.each) {
        foreach ($uri in @(Expand-Window $Request $Request.uri)) { Save-Pages $id $uri '' }
        return
    }
    foreach ($parent in $Request.parents) {
        if ($errors[$parent]) {
            Save-Error $id ([System.IO.File]::ReadAllText((Join-Path (Join-Path $Out $parent) 'error.json')))
        }
    }
    $objects = @(Read-Objects $Request | Where-Object { $_ })
    if ($Request.each -eq 'param' -and $objects.Count -eq 0) {
        Write-Warning "$id was left out: no ids were given for it (see the parameters of this script)."
        return
    }
    foreach ($object in $objects) {
        $join = ''
        if ($Request.join.Count) {
            $names = @{}
            foreach ($name in $Request.join.Keys) { $names[$Request.join[$name]] = $object.$name }
            $join = ConvertTo-Json -Compress -InputObject $names
        }
        $one = $Request.uri.Replace('{object}', [uri]::EscapeDataString($object.($Request.by)))
        foreach ($uri in @(Expand-Window $Request $one)) { Save-Pages $id $uri $join }
    }
    # Nothing to ask for is an answer too: the section is read, and empty.
    if ($objects.Count -eq 0 -and -not $errors[$id]) { Save-Page $id '{"value":[]}' }
}

if ((Test-Path $Out) -and (Get-ChildItem $Out | Select-Object -First 1)) {
    throw "$Out is not empty: old and new pages must not mix. Choose another folder with -Out."
}
foreach ($request in $requests) {
    Write-Host $request.id
    try { Save-Section $request }
    catch { Save-Error $request.id (New-ErrorBody 'ScriptFailed' $_.Exception.Message) }
}
$about = @{
    levelmark = @{ raw = 1 }
    tenant    = $context.TenantId
    account   = $context.Account
    app       = $context.ClientId
    scopes    = @($context.Scopes)
    at        = Format-Time $now
    days      = $Days
}
Write-Text $Out 'about.json' (ConvertTo-Json -InputObject $about)
$refused = @($errors.Keys | Sort-Object)
Write-Host "$($pages.Count) sections in $Out; refused or incomplete: $($refused.Count). $($refused -join ', ')"
